#include "config/file.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "config/config.h"

#define CONFIG_BYTES (1u << 20)
#define PIECE_BYTES  4096u

static enum err err_of_errno(void)
{
    switch (errno) {
    case ENOENT:
    case ENOTDIR:
        return ERR_NOT_FOUND;
    case EACCES:
    case EPERM:
        return ERR_PERMISSION;
    case EISDIR:
        return ERR_INVALID;
    default:
        return ERR_SYSTEM;
    }
}

/* Until the end; a piece is asked for even when the buffer is full, for the file may end just there. */
static enum err read_all(int fd, struct buf *ret)
{
    char piece[PIECE_BYTES];

    for (;;) {
        ssize_t n = read(fd, piece, sizeof(piece));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_of_errno();
        if (n == 0)
            return OK;
        buf_put(ret, (struct slice){ piece, (size_t)n });
        TRY(buf_ok(ret));
    }
}

enum err file_read(const char *path, struct buf *ret)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

    if (fd < 0)
        return err_of_errno();
    enum err result = read_all(fd, ret);
    close(fd);
    return result;
}

const char *file_why(enum err e)
{
    switch ((int)e) { /* of all failures, those that file_read has */
    case ERR_NOT_FOUND:
        return "there is no such file";
    case ERR_PERMISSION:
        return "it may not be read by this user";
    case ERR_INVALID:
        return "it is a folder";
    case ERR_LIMIT:
        return "it is too long";
    default:
        return "it cannot be read";
    }
}

enum err config_read_file(const char *path, struct problems *problems, struct buf *ret)
{
    buf_init(ret, CONFIG_BYTES);
    enum err result = file_read(path, ret);
    if (result == OK)
        return OK;
    problem_add(problems, (struct place){ path, 0, 0 }, "%s", file_why(result));
    buf_done(ret);
    return ERR_INVALID;
}
