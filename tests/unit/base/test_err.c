#include "base/err.h"

#include "support/test.h"

TEST(a_result_nobody_set_is_not_ok)
{
    enum err result = { 0 };

    CHECK(result != OK);
    CHECK_EQ(result, WAIT);
}

TEST(every_row_has_a_name_a_class_and_a_sentence)
{
#define ERR(name, class, text)                                                                                         \
    CHECK_SLICE(slice_of(err_name(ERR_##name)), #name);                                                                \
    CHECK_SLICE(slice_of(err_text(ERR_##name)), text);                                                                 \
    CHECK_EQ(err_class(ERR_##name), ERR_CLASS_##class);
#include "base/err.def"
#undef ERR
    CHECK_EQ(err_class(OK), ERR_CLASS_NONE);
}

TEST(a_number_that_is_no_error_is_named_so)
{
    CHECK_SLICE(slice_of(err_name((enum err)9999)), "unknown");
    CHECK_EQ(err_class((enum err)9999), ERR_CLASS_SYSTEM);
}
