// What a law is checked against.

#pragma once

#include <functional>
#include <string>
#include <vector>

#include "fixtures/http/executor.h"
#include "fixtures/http/message.h"

namespace grantspec {

/// Responds to conversations: the model by a function, a target over HTTP.
class Subject {
 public:
  virtual ~Subject() = default;

  /// Runs conversations at once; the requests of one are sent in order.
  virtual void Run(std::vector<Conversation> conversations) = 0;

  virtual std::int64_t requests_sent() const = 0;
};

/// A function in the place of a server: no sockets.
class ModelSubject : public Subject {
 public:
  using Responder = std::function<Response(const Request& request, unsigned serial)>;

  explicit ModelSubject(Responder responder) : responder_(std::move(responder)) {}

  void Run(std::vector<Conversation> conversations) override;
  std::int64_t requests_sent() const override { return serial_; }

 private:
  Exchange Respond(const Outgoing& outgoing);

  Responder responder_;
  unsigned serial_ = 0;
};

/// A target behind an executor.
class TargetSubject : public Subject {
 public:
  explicit TargetSubject(Executor& executor, std::function<bool()> keep_going = {})
      : executor_(executor), keep_going_(std::move(keep_going)) {}

  void Run(std::vector<Conversation> conversations) override {
    executor_.Run(std::move(conversations), keep_going_);
  }
  std::int64_t requests_sent() const override { return executor_.requests_sent(); }

 private:
  Executor& executor_;
  std::function<bool()> keep_going_;
};

/// Reads bytes of a request that is well formed, chunks included; for the model only.
Request ReadRequest(std::string_view bytes);

}  // namespace grantspec
