#include "crypto/keyring.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "hex.h"

/* A folder of its own for each test, which runs in a process of its own. */
static struct slice folder(void)
{
    static char path[] = "/tmp/gatehouse-keyring-XXXXXX";

    if (slice_ends(slice_of(path), S("XXXXXX")))
        CHECK(mkdtemp(path) != NULL);
    return slice_of(path);
}

static void put_path(struct buf *to)
{
    buf_init(to, 200);
    buf_put(to, folder());
    buf_put(to, S("/master.key"));
    buf_putc(to, '\0');
}

static void write_key(struct slice content, mode_t mode)
{
    auto_buf path;

    put_path(&path);
    int fd = open(path.ptr, O_CREAT | O_WRONLY | O_TRUNC, 0600);
    CHECK(fd >= 0 && write(fd, content.ptr, content.len) == (ssize_t)content.len);
    CHECK(fchmod(fd, mode) == 0 && close(fd) == 0);
}

static void remove_all(void)
{
    auto_buf path;

    put_path(&path);
    (void)unlink(path.ptr);
    CHECK(rmdir(folder().ptr) == 0); /* and nothing else was left in it */
}

TEST(a_missing_key_is_made_for_the_owner_alone_and_stays)
{
    auto_free(keyring) first = NULL;
    auto_free(keyring) second = NULL;
    auto_buf path;
    struct stat s;

    CHECK_OK(keyring_open(folder(), &first));
    CHECK_OK(keyring_open(folder(), &second));
    CHECK(slice_eq(keyring_sealing_id(first), keyring_sealing_id(second)));

    put_path(&path);
    CHECK(stat(path.ptr, &s) == 0);
    CHECK_EQ(s.st_mode & 07777, 0400);
    CHECK_EQ(s.st_size, 32);
    remove_all();
}

TEST(processes_that_start_at_once_get_the_same_key)
{
    int pipes[2];
    char ids[8][KEYRING_ID_CHARS];
    CHECK(pipe(pipes) == 0 && folder().len > 0);

    for (int i = 0; i < 8; i++) {
        if (fork() == 0) {
            struct keyring *ring = NULL;
            CHECK_OK(keyring_open(folder(), &ring));
            CHECK(write(pipes[1], keyring_sealing_id(ring).ptr, KEYRING_ID_CHARS) == KEYRING_ID_CHARS);
            keyring_free(ring);
            _exit(0);
        }
    }
    for (int i = 0; i < 8; i++) {
        int status;
        CHECK(wait(&status) > 0 && status == 0);
        CHECK(read(pipes[0], ids[i], KEYRING_ID_CHARS) == KEYRING_ID_CHARS);
        CHECK(memcmp(ids[i], ids[0], KEYRING_ID_CHARS) == 0);
    }
    remove_all();
}

TEST(a_key_that_others_may_read_is_refused)
{
    struct keyring *ring = NULL;
    static const char key[32] = "0123456789";

    write_key((struct slice){ key, sizeof(key) }, 0440);
    CHECK_ERR(keyring_open(folder(), &ring), ERR_PERMISSION);
    write_key((struct slice){ key, sizeof(key) }, 0604);
    CHECK_ERR(keyring_open(folder(), &ring), ERR_PERMISSION);
    write_key((struct slice){ key, sizeof(key) }, 0600);
    CHECK_OK(keyring_open(folder(), &ring));
    keyring_free(ring);
    remove_all();
}

TEST(a_symbolic_link_is_not_followed)
{
    struct keyring *ring = NULL;
    auto_buf path;

    put_path(&path);
    CHECK(symlink("/dev/zero", path.ptr) == 0);
    CHECK_ERR(keyring_open(folder(), &ring), ERR_PERMISSION);
    remove_all();
}

TEST(one_to_eight_whole_keys_are_a_ring)
{
    static const char keys[9 * 32] = "some keys";
    struct keyring *ring = NULL;

    for (size_t n = 0; n <= sizeof(keys); n++) {
        bool whole = n % 32 == 0 && n >= 32 && n <= 256;
        CHECK_ERR(keyring_of((struct slice){ keys, n }, &ring), whole ? OK : ERR_INVALID);
        if (whole)
            keyring_free(ring);
        if (n > 0 && n % 31 != 0)
            continue;
        write_key((struct slice){ keys, n }, 0400);
        CHECK_ERR(keyring_open(folder(), &ring), ERR_INVALID);
    }
    write_key((struct slice){ keys, sizeof(keys) }, 0400);
    CHECK_ERR(keyring_open(folder(), &ring), ERR_INVALID);
    remove_all();
}

TEST(a_missing_folder_is_an_error_of_the_system)
{
    struct keyring *ring = NULL;

    CHECK_ERR(keyring_open(S("/nonexistent/gatehouse"), &ring), ERR_SYSTEM);
}

TEST(each_purpose_and_each_master_gives_another_key)
{
    static const char keys[2 * 32] = "first key first key first key...second key";
    auto_free(keyring) ring = NULL;
    auto_free(keyring) second = NULL;
    uint8_t a[32], b[32], c[32];

    CHECK_OK(keyring_of((struct slice){ keys, sizeof(keys) }, &ring));
    CHECK_OK(keyring_of((struct slice){ keys + 32, 32 }, &second));
    CHECK_OK(keyring_derive(ring, keyring_sealing_id(ring), S("a"), a));
    CHECK_OK(keyring_derive(ring, keyring_sealing_id(ring), S("b"), b));
    CHECK(memcmp(a, b, 32) != 0);
    CHECK_OK(keyring_derive(ring, keyring_sealing_id(second), S("a"), c)); /* the old one still opens */
    CHECK(memcmp(a, c, 32) != 0);
    CHECK_ERR(keyring_derive(second, keyring_sealing_id(ring), S("a"), c), ERR_NOT_FOUND);
}

TEST(ephemeral_rings_have_nothing_in_common)
{
    auto_free(keyring) one = NULL;
    auto_free(keyring) other = NULL;

    CHECK_OK(keyring_ephemeral(&one));
    CHECK_OK(keyring_ephemeral(&other));
    CHECK(!slice_eq(keyring_sealing_id(one), keyring_sealing_id(other)));
}
