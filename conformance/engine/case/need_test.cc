// Every need has an evaluation: for each there is a target that meets it and one that does not.

#include "conformance/engine/case/need.h"

#include <gtest/gtest.h>

#include <set>

#include "conformance/engine/case/case_file.h"

namespace grantspec {
namespace {

Profile Everything() {
  Profile profile = EmbeddedProfile();
  profile.ungranted_scope = "admin";
  profile.clients["main"].auth = AuthMethod::kClientSecretPost;
  SetEmbeddedResources(profile, "https://auth.example");
  return profile;
}

Profile ByCertificate() {
  Profile profile = Everything();
  profile.clients["main"].auth = AuthMethod::kTlsClientAuth;
  return profile;
}

Profile Nothing() {
  Profile profile = *BuiltInProfile("rfc6749");
  profile.clients["main"] = {"id", "", {}, AuthMethod::kNone};
  profile.responds_in_http_1_0 = true;
  profile.refuses_content_login = true;
  return profile;
}

TEST(Need, EachIsMetSomewhereAndNotMetElsewhere) {
  const Profile everything = Everything(), nothing = Nothing(), by_certificate = ByCertificate();
  const TargetPlace verified = *PlaceOf("https://auth.example/token");
  TargetPlace insecure = verified;
  insecure.verified = false;
  const TargetPlace local = *PlaceOf("http://127.0.0.1/token");
  ASSERT_GT(Needs().size(), 10U);
  for (const Need& need : Needs()) {
    const std::string name(need.name);
    std::set<bool> met;
    for (const Profile* profile : {&everything, &nothing, &by_certificate}) {
      for (const TargetPlace& place : {verified, insecure, local}) {
        met.insert(!WhyNotMet(NeedNamed(name), *profile, place).has_value());
      }
    }
    EXPECT_EQ(met, (std::set<bool>{false, true})) << name << " is never evaluated";
  }
}

TEST(Need, AnUnverifiedCertificateIsNotVerified) {
  TargetPlace place = *PlaceOf("https://auth.example/token");
  EXPECT_EQ(WhyNotMet(NeedNamed("verified"), Everything(), place), std::nullopt);
  place.verified = false;
  EXPECT_NE(WhyNotMet(NeedNamed("verified"), Everything(), place), std::nullopt);
}

TEST(Need, OfASwitchIsOneOfItsValues) {
  const TargetPlace place = *PlaceOf("http://127.0.0.1/token");
  EXPECT_EQ(WhyNotMet(NeedNamed("contract=pyng"), Everything(), place), std::nullopt);
  EXPECT_EQ(WhyNotMet(NeedNamed("contract=none|pyng"), Everything(), place), std::nullopt);
  EXPECT_EQ(WhyNotMet(NeedNamed("contract=none"), Everything(), place),
            "the profile has contract = pyng");
}

TEST(Need, AnUnknownOneIsAnError) {
  EXPECT_THROW((void)NeedNamed("no_such"), std::logic_error);
  EXPECT_THROW((void)NeedNamed("no_such=on"), std::logic_error);
  EXPECT_EQ(FindNeed("no_such"), nullptr);
}

}  // namespace
}  // namespace grantspec
