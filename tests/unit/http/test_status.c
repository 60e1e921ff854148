#include "http/status.h"

#include "support/test.h"

TEST(failures_have_the_status_of_the_response_contract)
{
    CHECK_EQ(http_status_of_err(ERR_HTTP_SYNTAX), 400);
    CHECK_EQ(http_status_of_err(ERR_HTTP_LENGTH), 400);
    CHECK_EQ(http_status_of_err(ERR_HTTP_ORIGIN), 403);
    CHECK_EQ(http_status_of_err(ERR_NOT_FOUND), 404);
    CHECK_EQ(http_status_of_err(ERR_HTTP_METHOD), 405);
    CHECK_EQ(http_status_of_err(ERR_HTTP_NOT_ACCEPTABLE), 406);
    CHECK_EQ(http_status_of_err(ERR_HTTP_TOO_SLOW), 408);
    CHECK_EQ(http_status_of_err(ERR_HTTP_BODY_TOO_LARGE), 413);
    CHECK_EQ(http_status_of_err(ERR_HTTP_URI_TOO_LONG), 414);
    CHECK_EQ(http_status_of_err(ERR_HTTP_MEDIA_TYPE), 415);
    CHECK_EQ(http_status_of_err(ERR_HTTP_EXPECT), 417);
    CHECK_EQ(http_status_of_err(ERR_HTTP_HOST), 421);
    CHECK_EQ(http_status_of_err(ERR_RATE_LIMITED), 429);
    CHECK_EQ(http_status_of_err(ERR_HTTP_HEAD_TOO_LARGE), 431);
    CHECK_EQ(http_status_of_err(ERR_MEMORY), 500);
    CHECK_EQ(http_status_of_err(ERR_HTTP_CODING), 501);
    CHECK_EQ(http_status_of_err(ERR_CONNECT), 502);
    CHECK_EQ(http_status_of_err(ERR_BUSY), 503);
    CHECK_EQ(http_status_of_err(ERR_TIMEOUT), 504);
    CHECK_EQ(http_status_of_err(ERR_HTTP_VERSION), 505);
}

TEST(every_status_a_failure_can_have_has_a_text)
{
    static const enum err errors[] = {
#define ERR(name, class, text) ERR_##name,
#include "base/err.def"
#undef ERR
    };

    for (size_t i = 0; i < N_ELEMENTS(errors); i++)
        CHECK(!slice_eq(http_status_text(http_status_of_err(errors[i])), S("Unknown")));
}
