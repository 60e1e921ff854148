/*
 * DATA_DIR/master.key: read if it is ours alone, made if it is missing, never half written.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/random.h"
#include "crypto/keyring_internal.h"

#define FILE_NAME      "master.key"
#define MAX_PATH_BYTES 4096u

#define auto_fd __attribute__((cleanup(fd_done))) int

static void fd_done(int *fd)
{
    int saved = errno;

    if (*fd >= 0)
        (void)close(*fd); /* what was written has been synced, what was read is in memory */
    errno = saved;
}

static enum err open_folder(struct slice path, int *ret)
{
    auto_buf text;

    buf_init(&text, MAX_PATH_BYTES);
    buf_put(&text, path);
    buf_putc(&text, '\0');
    TRY(buf_ok(&text));
    *ret = open(text.ptr, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return *ret >= 0 ? OK : ERR_SYSTEM;
}

/* A key that others can read is no key: it is refused rather than used (S-93). */
static enum err check_owner(int file)
{
    struct stat s;

    if (fstat(file, &s) != 0)
        return ERR_SYSTEM;
    if (!S_ISREG(s.st_mode) || (s.st_mode & 077) != 0 || (s.st_uid != geteuid() && s.st_uid != 0))
        return ERR_PERMISSION;
    return OK;
}

static enum err read_all(int file, struct buf *to)
{
    for (;;) {
        if (to->len == to->max)
            return ERR_INVALID; /* longer than all keys together */
        TRY(buf_reserve(to, to->max - to->len));
        ssize_t n = read(file, to->ptr + to->len, to->max - to->len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return ERR_SYSTEM;
        if (n == 0)
            return OK;
        buf_added(to, (size_t)n);
    }
}

static enum err write_key(int file)
{
    char key[KEYRING_KEY_BYTES];

    random_bytes(key, sizeof(key));
    ssize_t n = write(file, key, sizeof(key));
    explicit_bzero(key, sizeof(key));
    return n == sizeof(key) && fsync(file) == 0 ? OK : ERR_SYSTEM;
}

static enum err write_and_link(int folder, const char *name)
{
    auto_fd file = openat(folder, name, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0400);

    if (file < 0)
        return ERR_SYSTEM;
    TRY(write_key(file));
    if (linkat(folder, name, folder, FILE_NAME, 0) != 0 && errno != EEXIST)
        return ERR_SYSTEM;
    return OK;
}

/*
 * Writes a file of another name and gives it the right one only when it is complete on disk. Linking never replaces: who
 * comes second finds the name taken and reads what the first has written.
 */
static enum err make(int folder)
{
    auto_buf name;

    buf_init(&name, 64);
    buf_printf(&name, FILE_NAME ".%016" PRIx64, random_u64());
    buf_putc(&name, '\0');
    TRY(buf_ok(&name));
    enum err e = write_and_link(folder, name.ptr);
    int saved = errno;
    (void)unlinkat(folder, name.ptr, 0); /* gone already if it could not be made */
    errno = saved;
    TRY(e);
    return fsync(folder) == 0 ? OK : ERR_SYSTEM;
}

static int open_key(int folder)
{
    return openat(folder, FILE_NAME, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
}

enum err keyring_file_read(struct slice data_dir, struct buf *to)
{
    auto_fd folder = -1;
    auto_fd file = -1;

    TRY(open_folder(data_dir, &folder));
    file = open_key(folder);
    if (file < 0 && errno == ENOENT) {
        TRY(make(folder));
        file = open_key(folder);
    }
    if (file < 0)
        return errno == ELOOP ? ERR_PERMISSION : ERR_SYSTEM;
    TRY(check_owner(file));
    return read_all(file, to);
}
