// How a client gets a token at a target that nobody has described yet.

#pragma once

#include <string>
#include <vector>

#include "conformance/engine/bind/binder.h"
#include "conformance/engine/case/case.h"
#include "conformance/engine/options/options.h"
#include "fixtures/http/executor.h"

namespace grantspec {

/// What a refused control request suggests to try instead: one change of the profile.
enum class OtherWay { kNone, kBasic, kPost, kJson, kWithoutScope };

/// The other way that a response leaves open. `auth_given`: the user named the method, and it
/// stays.
OtherWay OtherWayAfter(const Exchange& control, const Profile& profile, bool auth_given);

/// Changes the profile so that the control request goes the other way.
void Take(OtherWay way, Profile& profile);

/// What the other way is, for people: "credentials in the content".
std::string_view ToString(OtherWay way);

/// Sends the control request, and where it is refused once more in another way: the secret is sent
/// twice at most. The options then have the way that got a token; where none did they are as they
/// were. Returns a line for each assumption.
std::vector<std::string> FindLogin(Options& options, const TargetPlace& place);

/// Asks once whether the target takes Basic as well, where the main client logs in otherwise, has a
/// secret, and the profile leaves auth.basic unknown: cases about Basic then know what to expect.
/// Sets the switch. Returns a line for people, or an empty text where nothing was asked.
std::string AskForBasic(Profile& profile, const TargetPlace& place, Executor& executor,
                        unsigned long seed);

/// Asks once whether the right credentials in the body log the main client in, where it logs in by
/// Basic and one of the cases needs to know. Where they are refused, wrong ones would only count as
/// failed logins: the profile then says so. Without a response nothing is learned.
void AskForContentLogin(const std::vector<const Case*>& cases, Profile& profile,
                        const TargetPlace& place, Executor& executor, unsigned long seed);

}  // namespace grantspec
