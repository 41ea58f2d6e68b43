// The limit for any libcurl client: a bare multi loop that sends token requests and looks at
// nothing but the status. One kept handle for each request in flight.
//
//   multi_loop URL USER:SECRET SCOPE REQUESTS PARALLEL     prints: seconds, CPU seconds, answers of
//   200
//
// With - in place of the scope it sends a GET without client, for servers of files.

#include <curl/curl.h>
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace {

std::size_t Drop(char*, std::size_t, std::size_t size, void*) {
  return size;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6) return 2;
  const std::string url = argv[1], user = argv[2];
  const std::string form = "grant_type=client_credentials&scope=" + std::string(argv[3]);
  const bool get = std::string_view(argv[3]) == "-";
  const int requests = std::atoi(argv[4]), parallel = std::atoi(argv[5]);
  curl_global_init(CURL_GLOBAL_ALL);
  CURLM* multi = curl_multi_init();
  std::vector<CURL*> handles;
  const auto begin = std::chrono::steady_clock::now();
  int started = 0, good = 0, running = 0;
  for (int i = 0; i < parallel && started < requests; ++i, ++started) {
    CURL* easy = curl_easy_init();
    curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    if (get) {
      curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
    } else {
      curl_easy_setopt(easy, CURLOPT_USERPWD, user.c_str());
      curl_easy_setopt(easy, CURLOPT_POSTFIELDS, form.c_str());
    }
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, Drop);
    curl_multi_add_handle(multi, easy);
    handles.push_back(easy);
  }
  do {
    curl_multi_perform(multi, &running);
    int left = 0;
    while (CURLMsg* message = curl_multi_info_read(multi, &left)) {
      CURL* easy = message->easy_handle;
      long status = 0;
      curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
      good += status == 200 ? 1 : 0;
      curl_multi_remove_handle(multi, easy);
      if (started < requests) {
        ++started;
        ++running;
        curl_multi_add_handle(multi, easy);
      }
    }
    if (running > 0) curl_multi_poll(multi, nullptr, 0, 1000, nullptr);
  } while (running > 0);
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  std::printf("%.4f %.4f %d\n",
              std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count(),
              seconds(usage.ru_utime) + seconds(usage.ru_stime), good);
  for (CURL* easy : handles) curl_easy_cleanup(easy);
  curl_multi_cleanup(multi);
  return good == requests ? 0 : 1;
}
