#include "embed/pump.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"

struct pump {
    pthread_t thread;
    int from;
    int to;
    int socket; /* our end: one of the two */
    char bytes[PUMP_BYTES];
};

/* False: the other side takes no more. A socket without a reader is EPIPE, for the program ignores SIGPIPE. */
static bool write_all(int fd, const char *bytes, size_t n)
{
    while (n > 0) {
        ssize_t written = write(fd, bytes, n);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        bytes += written;
        n -= (size_t)written;
    }
    return true;
}

static void *pump_run(void *argument)
{
    struct pump *p = argument;
    ssize_t n;

    do {
        n = read(p->from, p->bytes, sizeof(p->bytes));
    } while ((n < 0 && errno == EINTR) || (n > 0 && write_all(p->to, p->bytes, (size_t)n)));
    (void)shutdown(p->socket, SHUT_RDWR); /* the other end learns that it is over; pump_free closes */
    return NULL;
}

/* Signals are the loop's: the thread is born with all of them blocked. */
static bool start_thread(struct pump *p)
{
    sigset_t all, before;

    (void)sigfillset(&all);
    if (pthread_sigmask(SIG_SETMASK, &all, &before) != 0)
        return false;
    int e = pthread_create(&p->thread, NULL, pump_run, p);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return e == 0;
}

static enum err pump_new(int fd, bool into_file, struct pump **ret, int *ret_socket)
{
    int ends[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return ERR_SYSTEM;

    struct pump *p = mem_zalloc(1, sizeof(*p));
    p->socket = ends[0];
    p->from = into_file ? p->socket : fd;
    p->to = into_file ? fd : p->socket;
    if (!start_thread(p)) {
        (void)close(ends[0]);
        (void)close(ends[1]);
        free(p);
        return ERR_SYSTEM;
    }
    *ret = p;
    *ret_socket = ends[1];
    return OK;
}

enum err pump_from(int fd, struct pump **ret, int *ret_socket)
{
    return pump_new(fd, false, ret, ret_socket);
}

enum err pump_into(int fd, struct pump **ret, int *ret_socket)
{
    return pump_new(fd, true, ret, ret_socket);
}

void pump_free(struct pump *p)
{
    if (p == NULL)
        return;
    (void)pthread_join(p->thread, NULL);
    (void)close(p->socket);
    free(p);
}
