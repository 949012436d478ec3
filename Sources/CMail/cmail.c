#include "cmail.h"

#include <curl/curl.h>
#include <pthread.h>
#include <string.h>

// What is left of a message while it is sent.
struct rest {
    const char *bytes;
    size_t byte_count;
};

static size_t give(char *buffer, size_t size, size_t count, void *user) {
    struct rest *rest = user;
    size_t room = size * count;
    size_t taken = rest->byte_count < room ? rest->byte_count : room;
    memcpy(buffer, rest->bytes, taken);
    rest->bytes += taken;
    rest->byte_count -= taken;
    return taken;
}

static pthread_once_t once = PTHREAD_ONCE_INIT;
static CURLcode initial = CURLE_FAILED_INIT;

// curl_global_init is called once, before anything else of libcurl (curl_global_init(3)).
static void initialize(void) { initial = curl_global_init(CURL_GLOBAL_DEFAULT); }

static CURLcode set_options(CURL *curl, const struct daybook_mail *mail, struct rest *rest,
                            struct curl_slist *to) {
    CURLcode code;
#define SET(option, value)                            \
    code = curl_easy_setopt(curl, option, value);     \
    if (code != CURLE_OK) return code
    SET(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    SET(CURLOPT_URL, mail->url);
    SET(CURLOPT_USE_SSL, mail->requires_tls ? (long)CURLUSESSL_ALL : (long)CURLUSESSL_NONE);
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (mail->ca_file) {
        SET(CURLOPT_CAINFO, mail->ca_file);
    }
    if (mail->user) {
        SET(CURLOPT_USERNAME, mail->user);
        SET(CURLOPT_PASSWORD, mail->password);
    }
    SET(CURLOPT_MAIL_FROM, mail->from);
    SET(CURLOPT_MAIL_RCPT, to);
    SET(CURLOPT_UPLOAD, 1L);
    SET(CURLOPT_READFUNCTION, give);
    SET(CURLOPT_READDATA, rest);
    SET(CURLOPT_CONNECTTIMEOUT_MS, mail->connect_timeout_ms);
    SET(CURLOPT_TIMEOUT_MS, mail->timeout_ms);
    // Threads and signals do not mix; no proxy of the environment is meant for mail.
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_PROXY, "");
    SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
#undef SET
    return CURLE_OK;
}

struct daybook_mail_result daybook_mail_send(const struct daybook_mail *mail) {
    struct daybook_mail_result result = {CURLE_FAILED_INIT, 0};
    pthread_once(&once, initialize);
    if (initial != CURLE_OK) return result;
    CURL *curl = curl_easy_init();
    if (!curl) return result;
    struct curl_slist *to = curl_slist_append(NULL, mail->to);
    struct rest rest = {mail->message, mail->message_byte_count};
    CURLcode code = to ? set_options(curl, mail, &rest, to) : CURLE_OUT_OF_MEMORY;
    if (code == CURLE_OK) {
        code = curl_easy_perform(curl);
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &result.status);
    }
    result.code = (int)code;
    curl_slist_free_all(to);
    curl_easy_cleanup(curl);
    return result;
}

enum daybook_mail_kind daybook_mail_kind_of(struct daybook_mail_result result) {
    switch (result.code) {
    case CURLE_OK: return DAYBOOK_MAIL_SENT;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_GOT_NOTHING: return DAYBOOK_MAIL_CONNECTION;
    case CURLE_OPERATION_TIMEDOUT: return DAYBOOK_MAIL_TIMEOUT;
    case CURLE_USE_SSL_FAILED:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_ISSUER_ERROR: return DAYBOOK_MAIL_TLS;
    case CURLE_LOGIN_DENIED:
    case CURLE_AUTH_ERROR: return DAYBOOK_MAIL_LOGIN;
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
        // libcurl has no word of its own for an address or a message that the server refused:
        // the status tells it from a connection that broke.
        return result.status >= 400 ? DAYBOOK_MAIL_REFUSED : DAYBOOK_MAIL_CONNECTION;
    default: return result.status >= 400 ? DAYBOOK_MAIL_REFUSED : DAYBOOK_MAIL_OTHER;
    }
}
