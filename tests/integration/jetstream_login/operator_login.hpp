/// A login by credentials (operator, account and user as JWTs) for tests: everybody knows these keys, nothing expires.
#pragma once

#include <string>

namespace quipu::test {

/// For nats_settings::extra: a server that knows one operator, an account with JetStream and the system's account.
inline std::string operator_configuration() {
  const std::string account = "AAPCZKNGB5UU4N4UN6PE743PBEK5I37FM4DOVTKDK5LIS4LYOBA2RB3B";
  const std::string system = "AAUIFNY4OPBCS7LE66VVFGEFB7R3JQVNA6CKCFRFDBLMFMOIOFIFTWNG";
  const std::string operator_jwt =
      "eyJ0eXAiOiJKV1QiLCJhbGciOiJlZDI1NTE5LW5rZXkifQ.eyJqdGkiOiJEQlpBTkw3TjczVU9YWlBaSTVGUTVTMk5ZN"
      "0tJTFFGQlNVSlBYQ0M0N01NQkY0V0pINDRBIiwiaWF0IjoxNzAwMDAwMDAwLCJpc3MiOiJPQU1BSjdFWVRUU1M0SlhTS"
      "0tDVVlGRFVLSVZCRUk1VTNBRVE1WVVCV0ZIQkFNSEtRRzNTTENOSSIsIm5hbWUiOiJxdWlwdS10ZXN0Iiwic3ViIjoiT"
      "0FNQUo3RVlUVFNTNEpYU0tLQ1VZRkRVS0lWQkVJNVUzQUVRNVlVQldGSEJBTUhLUUczU0xDTkkiLCJuYXRzIjp7InR5c"
      "GUiOiJvcGVyYXRvciIsInZlcnNpb24iOjJ9fQ.qVB5unhzyMz4Rjye3fodLD1h3NEwdqwV0yUKchQp7QCMTtmnwztZSH"
      "fG39rTdbmR5eEJsfmo8PxXSt7q9GnHCQ";
  const std::string account_jwt =
      "eyJ0eXAiOiJKV1QiLCJhbGciOiJlZDI1NTE5LW5rZXkifQ.eyJqdGkiOiI3WlpDNVZFNU9XUlUySUJZWU1KQ0pKUEhKS"
      "0NCT1FMM1VHUFpXQ0RKSjRQVVQyNVVaVTVBIiwiaWF0IjoxNzAwMDAwMDAwLCJpc3MiOiJPQU1BSjdFWVRUU1M0SlhTS"
      "0tDVVlGRFVLSVZCRUk1VTNBRVE1WVVCV0ZIQkFNSEtRRzNTTENOSSIsIm5hbWUiOiJxdWlwdS10ZXN0Iiwic3ViIjoiQ"
      "UFQQ1pLTkdCNVVVNE40VU42UEU3NDNQQkVLNUkzN0ZNNERPVlRLREs1TElTNExZT0JBMlJCM0IiLCJuYXRzIjp7Imxpb"
      "Wl0cyI6eyJzdWJzIjotMSwiZGF0YSI6LTEsInBheWxvYWQiOi0xLCJpbXBvcnRzIjotMSwiZXhwb3J0cyI6LTEsIndpb"
      "GRjYXJkcyI6dHJ1ZSwiY29ubiI6LTEsImxlYWYiOi0xLCJtZW1fc3RvcmFnZSI6LTEsImRpc2tfc3RvcmFnZSI6LTEsI"
      "nN0cmVhbXMiOi0xLCJjb25zdW1lciI6LTF9LCJkZWZhdWx0X3Blcm1pc3Npb25zIjp7InB1YiI6e30sInN1YiI6e319L"
      "CJ0eXBlIjoiYWNjb3VudCIsInZlcnNpb24iOjJ9fQ.oKHwVEmHSuOVhYJ33VkH7ubYpVTWrDtvzU8qP4HLdfehOJddsy"
      "LVOZLiwjFH-5lpe4wkHkrVKfuIEBwrAuBsCQ";
  const std::string system_jwt =
      "eyJ0eXAiOiJKV1QiLCJhbGciOiJlZDI1NTE5LW5rZXkifQ.eyJqdGkiOiI3VDRZSTJUT1M0SkhPR0NQQVdGS0pTV1QzV"
      "jZYR1lTU0dPVEpTTkxNTEdMWURTNVA3TEdRIiwiaWF0IjoxNzAwMDAwMDAwLCJpc3MiOiJPQU1BSjdFWVRUU1M0SlhTS"
      "0tDVVlGRFVLSVZCRUk1VTNBRVE1WVVCV0ZIQkFNSEtRRzNTTENOSSIsIm5hbWUiOiJxdWlwdS10ZXN0LXN5c3RlbSIsI"
      "nN1YiI6IkFBVUlGTlk0T1BCQ1M3TEU2NlZWRkdFRkI3UjNKUVZOQTZDS0NGUkZEQkxNRk1PSU9GSUZUV05HIiwibmF0c"
      "yI6eyJsaW1pdHMiOnsic3VicyI6LTEsImRhdGEiOi0xLCJwYXlsb2FkIjotMSwiaW1wb3J0cyI6LTEsImV4cG9ydHMiO"
      "i0xLCJ3aWxkY2FyZHMiOnRydWUsImNvbm4iOi0xLCJsZWFmIjotMX0sImRlZmF1bHRfcGVybWlzc2lvbnMiOnsicHViI"
      "jp7fSwic3ViIjp7fX0sInR5cGUiOiJhY2NvdW50IiwidmVyc2lvbiI6Mn19.LOVEj0Y4XyA9oA1yN4FyiHrKUpc3f8im"
      "sNqNoS80sM73lYdML6tb49zODM3lw-SwZp0Q4i59PM3BXpNkPctTDQ";
  return "operator: " + operator_jwt + "\nsystem_account: " + system +
         "\nresolver: MEMORY\nresolver_preload: { " + account + ": " + account_jwt + ", " + system + ": " +
         system_jwt + " }\n";
}

inline constexpr const char* test_user_seed = "SUAICPC6UI2NAVOVQDHZI2YO3ET3TCTPOWCAXPSASYANKDBJY4HCDIYPBU";

/// A .creds file's content, of a user of that account.
inline std::string user_credentials() {
  const std::string user_jwt =
      "eyJ0eXAiOiJKV1QiLCJhbGciOiJlZDI1NTE5LW5rZXkifQ.eyJqdGkiOiJNTERYWk5QN1lXR0VUWUdTRkYyWjdTQkNZS"
      "E5BR0ZTV1RERFYzQ0wzQVVYTUFOTEhSVkxBIiwiaWF0IjoxNzAwMDAwMDAwLCJpc3MiOiJBQVBDWktOR0I1VVU0TjRVT"
      "jZQRTc0M1BCRUs1STM3Rk00RE9WVEtESzVMSVM0TFlPQkEyUkIzQiIsIm5hbWUiOiJxdWlwdS10ZXN0Iiwic3ViIjoiV"
      "UE1M1hPWk03RDVISVhDTFVZVFJYQUxUUk5KWTJCU1VLRE5WWVZZRTJXUFFHVURURTRNQlhCNkIiLCJuYXRzIjp7InB1Y"
      "iI6e30sInN1YiI6e30sInN1YnMiOi0xLCJkYXRhIjotMSwicGF5bG9hZCI6LTEsInR5cGUiOiJ1c2VyIiwidmVyc2lvb"
      "iI6Mn19.yyiltYyE6Xo7Y53R1p-qjTKYX52mWiaCdc2PSZRwjEb0PgxXSdOgom-vOZTd8yqoC4b6j3IeUGUi0e-DuqeH"
      "Dw";
  return "-----BEGIN NATS USER JWT-----\n" + user_jwt +
         "\n------END NATS USER JWT------\n\n-----BEGIN USER NKEY SEED-----\n" + test_user_seed +
         "\n------END USER NKEY SEED------\n";
}

}  // namespace quipu::test
