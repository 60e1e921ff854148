/*
 * How listeners and connects make streams.
 */
#pragma once

#include <uv.h>

#include "base/buf.h"
#include "net/stream.h"

struct stream {
    union {
        uv_handle_t handle;
        uv_stream_t stream;
        uv_tcp_t tcp;
        uv_pipe_t pipe;
        uv_tty_t tty;
    } uv;
    union {
        uv_connect_t connect; /* before it is established */
        uv_write_t write;     /* afterwards: the one write that is under way */
    } request;
    struct loop *loop;
    struct stream_options options;

    struct buf in;
    size_t n_consumed;  /* of in's bytes, at its front */
    enum err in_end;    /* WAIT while more may come */
    struct slot reader; /* waits for input */
    struct slot ender;  /* waits for the end */

    struct buf flying; /* what the write under way sends */
    struct buf out;    /* what comes after it */
    enum err out_end;  /* WAIT while it can be written to */
    struct slot writer;
    uint64_t progress_ns;
    size_t n_queued_seen; /* on its way to the peer, when progress was last looked at */

    enum err connected; /* WAIT while a connect is under way */
    bool is_reading;
    bool is_writing; /* `flying` is under way */
    bool is_ended;   /* stream_end_output was called */
    struct address peer;
};

/* Gives a stream that is not open yet, of a handle that needs no descriptor to begin with. */
struct stream *stream_new_tcp(struct loop *loop, const struct stream_options *options);
struct stream *stream_new_pipe(struct loop *loop, const struct stream_options *options);

/* Connects one that is not open, and waits for it: OK, WAIT or ERR_CONNECT. Then stream_begin. */
must_use enum err stream_connect(struct stream *s, const struct address *to);
must_use enum err stream_connected(struct stream *s, struct op *op);

/* The descriptor is open and connected: finds out the peer, starts to read. ERR_SYSTEM. */
must_use enum err stream_begin(struct stream *s);

/* Gives the stream of a socket that was accepted; takes `fd`, also on failure. ERR_SYSTEM. */
must_use enum err stream_open_socket(struct loop *loop, int fd, bool is_tcp, const struct stream_options *options,
                                     struct stream **ret);

int stream_descriptor(const struct stream *s);
bool stream_is_socket(const struct stream *s); /* and not a pipe or a terminal */
