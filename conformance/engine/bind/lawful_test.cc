// What a profile says of a target as a whole.

#include "conformance/engine/bind/lawful.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace grantspec {
namespace {

Profile With(const std::string& name, const std::string& value) {
  Profile profile = *BuiltInProfile("rfc6749");
  SetSwitch(profile, name, value, {});
  return profile;
}

TEST(Lawful, UnauthorizedClientMayRefuseAnUnknownGrant) {
  Expectation unknown{.response = {"unsupported_grant_type"}};
  Expectation scope{.response = {"invalid_scope"}};
  AddLawfulResponses(*BuiltInProfile("rfc6749"), unknown);
  EXPECT_EQ(unknown.response.size(), 1U);
  for (int i = 0; i < 2; ++i) {
    AddLawfulResponses(With("grant.unknown", "either"), unknown);
    AddLawfulResponses(With("grant.unknown", "either"), scope);
  }
  EXPECT_EQ(Listed(unknown.response), "unsupported_grant_type or unauthorized_client");
  EXPECT_EQ(Listed(scope.response), "invalid_scope");
}

TEST(Lawful, AFailedLoginMayBeCalledUnauthorizedWithoutAContract) {
  Expectation login{.response = {"invalid_client"}, .warn = {"invalid_request"}};
  Expectation with_contract = login;
  Expectation scope{.response = {"invalid_scope"}};
  for (int i = 0; i < 2; ++i) {
    AddLawfulResponses(*BuiltInProfile("rfc6749"), login);
    AddLawfulResponses(*BuiltInProfile("pyng"), with_contract);
    AddLawfulResponses(*BuiltInProfile("rfc6749"), scope);
  }
  EXPECT_EQ(Listed(login.response), "invalid_client");
  EXPECT_EQ(Listed(login.warn), "invalid_request, unauthorized_client or unauthorized_client_401");
  EXPECT_EQ(Listed(with_contract.warn), "invalid_request");
  EXPECT_EQ(scope.warn.size(), 0U);
}

TEST(Lawful, AFirewallPageIs403WithoutJson) {
  Inspection page;
  page.has_response = true;
  page.status = 403;
  EXPECT_TRUE(IsFirewallPage(With("waf", "present"), page));
  EXPECT_FALSE(IsFirewallPage(With("waf", "none"), page));
  Inspection named = page;
  named.names_firewall = true;
  named.status = 406;
  EXPECT_TRUE(IsFirewallPage(With("waf", "none"), named));
  Inspection other = page;
  other.status = 400;
  EXPECT_FALSE(IsFirewallPage(With("waf", "present"), other));
  other = page;
  other.object = std::make_shared<const JsonObject>();
  EXPECT_FALSE(IsFirewallPage(With("waf", "present"), other));
}

TEST(Lawful, ScopesAreAddedWhereTheProfileSaysSo) {
  Profile adds = With("scope.additions", "reported");
  adds.ungranted_scope = "admin";
  EXPECT_TRUE(IsReportedAddition(adds, {"read"}, {"profile", "read"}));
  EXPECT_FALSE(IsReportedAddition(adds, {"read"}, {"profile"}));
  EXPECT_FALSE(IsReportedAddition(adds, {"read"}, {"admin", "read"}));
  EXPECT_FALSE(IsReportedAddition(*BuiltInProfile("rfc6749"), {"read"}, {"profile", "read"}));
}

TEST(Lawful, PausesAreAsLongAsTheTargetIsSlow) {
  Profile profile = *BuiltInProfile("rfc6749");
  EXPECT_EQ(LingerFor(profile, 500), 500);
  EXPECT_EQ(AllowedMs(profile, 4000, 11), 4000);
  profile.latency_seconds = 1.5;
  EXPECT_EQ(LingerFor(profile, 500), 3500);
  EXPECT_EQ(LingerFor(profile, 0), 0);
  EXPECT_EQ(AllowedMs(profile, 4000, 11), 20'500);
  profile.latency_seconds = 60;
  EXPECT_EQ(LingerFor(profile, 500), 10'500);
}

}  // namespace
}  // namespace grantspec
