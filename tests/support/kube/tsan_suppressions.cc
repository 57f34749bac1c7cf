// What the thread sanitizer must not report in a program that uses the real client. cpprestsdk comes from the
// distribution without instrumentation: its reference counts of cancellation tokens and of requests are
// counted down half in its own code, where the sanitizer does not see them, and half in its headers, where it
// does; so it believes that the last owner frees what another one still counts.
extern "C" const char* __tsan_default_suppressions();  // NOLINT(bugprone-reserved-identifier)

extern "C" const char* __tsan_default_suppressions() {  // NOLINT(bugprone-reserved-identifier)
  return "race:pplx::details::_CancellationToken\n"
         "race:web::http::client::details::asio_context\n";
}
