#include "base/list.h"

#include "support/test.h"

struct item {
    int number;
    struct list link;
};

TEST(entries_come_in_the_order_they_joined_and_may_leave_on_a_walk)
{
    struct item items[] = { { .number = 1 }, { .number = 2 }, { .number = 3 } };
    struct list head;
    int sum = 0;

    list_init(&head);
    CHECK(list_is_empty(&head));
    CHECK(list_first(&head, struct item, link) == NULL);
    for (size_t i = 0; i < N_ELEMENTS(items); i++)
        list_append(&head, &items[i].link);
    CHECK(list_first(&head, struct item, link) == &items[0]);

    list_each(entry, following, &head) {
        struct item *item = container_of(entry, struct item, link);
        sum = sum * 10 + item->number;
        if (item->number == 2)
            list_remove(entry);
    }
    CHECK_EQ(sum, 123);
    CHECK(head.next == &items[0].link && head.next->next == &items[2].link);
}

TEST(leaving_twice_is_harmless)
{
    struct list head;
    struct list entry;

    list_init(&head);
    list_init(&entry);
    list_remove(&entry);
    list_append(&head, &entry);
    list_remove(&entry);
    list_remove(&entry);
    CHECK(list_is_empty(&head));
}
