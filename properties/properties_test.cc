#include <gtest/gtest.h>
TEST(Properties, Todo) {}
