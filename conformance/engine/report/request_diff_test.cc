#include "conformance/engine/report/request_diff.h"

#include <gtest/gtest.h>

namespace grantspec {
namespace {

constexpr std::string_view kControl =
    "POST /token HTTP/1.1\r\nHost: a\r\nAuthorization: Basic QQ==\r\nContent-Length: 40\r\n"
    "X-Request-Id: 1\r\n\r\ngrant_type=client_credentials&scope=read";

// The request with [ ] around what is marked.
std::string Marked(std::string_view request, std::string_view control = kControl) {
  std::string text;
  for (const RequestStretch& one : DiffOfRequest(request, control).stretches) {
    text += one.changed ? "[" + one.text + "]" : one.text;
  }
  return text;
}

std::string With(std::string_view from, std::string_view to) {
  std::string text(kControl);
  return text.replace(text.find(from), from.size(), to);
}

TEST(RequestDiff, MarksWhatACaseChanged) {
  EXPECT_EQ(Marked(kControl), kControl);
  EXPECT_EQ(Marked(With("scope=read", "scope=READ")), With("scope=read", "scope=[READ]"));
  EXPECT_EQ(Marked(With("scope=read", "scope=reads")), With("scope=read", "scope=read[s]"));
  EXPECT_EQ(Marked(With("POST", "GET")), With("POST", "[GE]T"));
  EXPECT_EQ(Marked(With("Host: a", "Host:  a")), With("Host: a", "Host: [ ]a"));
  EXPECT_EQ(Marked(With("read", "read&x=1")), With("read", "read&[x=1]"));
  EXPECT_EQ(Marked(With("read", "read&scope=read")), With("read", "read&[scope=read]"));
  EXPECT_EQ(Marked(With("Host", "Cookie: a=b\r\nHost")), With("Host", "[Cookie: a=b\r\n]Host"));
}

TEST(RequestDiff, MarksTheBytesAroundWhatWasTakenAway) {
  EXPECT_EQ(Marked(With("scope=read", "scope=rad")), With("scope=read", "scope=[ra]d"));
}

TEST(RequestDiff, WhatFollowsFromOtherChangesIsNotMarked) {
  std::string request = With("X-Request-Id: 1", "X-Request-Id: 2");
  request.replace(request.find(": 40"), 4, ": 41");
  EXPECT_EQ(Marked(request), request);
}

TEST(RequestDiff, NamesWhatIsMissing) {
  const RequestDiff diff =
      DiffOfRequest("POST /token HTTP/1.1\r\nHost: a\r\n\r\nscope=read", kControl);
  EXPECT_EQ(diff.missing, (std::vector<std::string>{"Authorization", "grant_type"}));
}

TEST(RequestDiff, AnyBytesAreARequest) {
  for (const std::string_view text : {"", "x", "\r\n\r\n", "&&&", "a\nb", "GET\r\n\r\n&=&"}) {
    std::string all;
    for (const RequestStretch& one : DiffOfRequest(text, kControl).stretches) all += one.text;
    EXPECT_EQ(all, text);
    EXPECT_EQ(Marked(text, ""), text);
  }
}

}  // namespace
}  // namespace grantspec
