#include "net/bind.h"

#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static enum err err_of_errno(void)
{
    switch (errno) {
    case EADDRINUSE:
        return ERR_ADDRESS_IN_USE;
    case EACCES:
    case EPERM:
    case EROFS:
        return ERR_PERMISSION;
    case EADDRNOTAVAIL:
    case EAFNOSUPPORT:
    case ENODEV:
    case ENOENT:
    case ENOTDIR:
        return ERR_INVALID;
    default:
        return ERR_SYSTEM;
    }
}

static bool set(int fd, int level, int option, int value)
{
    return setsockopt(fd, level, option, &value, sizeof(value)) == 0;
}

static int open_socket(int family)
{
    return socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

static enum err bind_and_listen(int fd, const struct address *a, int backlog)
{
    struct sockaddr_storage to;
    socklen_t len = address_to_sockaddr(a, &to);

    if (bind(fd, (const struct sockaddr *)&to, len) != 0 || listen(fd, backlog) != 0)
        return err_of_errno();
    return OK;
}

static enum err real_address(int fd, struct address *ret)
{
    struct sockaddr_storage is;
    socklen_t len = sizeof(is);

    if (getsockname(fd, (struct sockaddr *)&is, &len) != 0)
        return ERR_SYSTEM;
    *ret = address_of_sockaddr((const struct sockaddr *)&is, len);
    return OK;
}

static enum err set_up_tcp(int fd, const struct address *a, int backlog, bool reuse_port, struct address *ret)
{
    if (!set(fd, SOL_SOCKET, SO_REUSEADDR, 1)) /* connections of our last life do not keep the port */
        return ERR_SYSTEM;
    if (reuse_port && !set(fd, SOL_SOCKET, SO_REUSEPORT, 1))
        return ERR_SYSTEM;
    if (a->kind == ADDRESS_IPV6 && !set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 0)) /* the system's default varies */
        return ERR_SYSTEM;
    TRY(bind_and_listen(fd, a, backlog));
    return real_address(fd, ret);
}

enum err bind_tcp(const struct address *a, int backlog, bool reuse_port, int *ret_fd, struct address *ret_address)
{
    int fd = open_socket(a->kind == ADDRESS_IPV6 ? AF_INET6 : AF_INET);
    if (fd < 0)
        return err_of_errno();

    enum err e = set_up_tcp(fd, a, backlog, reuse_port, ret_address);
    if (e == OK)
        *ret_fd = fd;
    else
        (void)close(fd); /* nothing was written to it */
    return e;
}

/* Removes the socket of a process that has gone. Who is there answers, or has no room: both are not gone. */
static enum err remove_stale(const struct address *a)
{
    struct sockaddr_storage to;
    struct stat at_path;

    if (lstat(a->path, &at_path) != 0)
        return errno == ENOENT ? OK : err_of_errno();
    if (!S_ISSOCK(at_path.st_mode))
        return ERR_ADDRESS_IN_USE;

    int fd = open_socket(AF_UNIX);
    if (fd < 0)
        return err_of_errno();
    socklen_t len = address_to_sockaddr(a, &to);
    bool gone = connect(fd, (const struct sockaddr *)&to, len) != 0 && errno == ECONNREFUSED;
    (void)close(fd); /* nothing was written to it */
    if (!gone)
        return ERR_ADDRESS_IN_USE;
    return unlink(a->path) == 0 || errno == ENOENT ? OK : err_of_errno();
}

enum err bind_unix(const struct address *a, int backlog, int *ret_fd)
{
    TRY(remove_stale(a));

    int fd = open_socket(AF_UNIX);
    if (fd < 0)
        return err_of_errno();

    /* The file takes the mode of the socket (and the umask), so it is never open to others, not even for a moment. */
    enum err e = fchmod(fd, S_IRUSR | S_IWUSR) == 0 ? bind_and_listen(fd, a, backlog) : err_of_errno();
    if (e == OK)
        *ret_fd = fd;
    else
        (void)close(fd); /* nothing was written to it */
    return e;
}
