// Sends one message to one address by SMTP, with libcurl (Debian: libcurl4-openssl-dev).
//
// curl_easy_setopt takes a varying number of arguments, which Swift cannot call; hence C, and one
// call for all of it.
#ifndef DAYBOOK_CMAIL_H
#define DAYBOOK_CMAIL_H

#include <stddef.h>

// What is sent, and how. Texts are UTF-8 and end with a zero; none holds a line break but `message`.
struct daybook_mail {
    // smtp://HOST:PORT or smtps://HOST:PORT, and what follows as the name of this client (EHLO).
    const char *url;
    // 1: STARTTLS must succeed before anything else is said (smtp://); 0 only for plain loopback.
    int requires_tls;
    // A file of certificates that the server's is checked against; NULL for the system's.
    const char *ca_file;
    // NULL where the server wants no login.
    const char *user;
    const char *password;
    // The envelope: <from> and <to>.
    const char *from;
    const char *to;
    // The whole message, headers too, with CRLF line ends.
    const char *message;
    size_t message_byte_count;
    // Limits, in milliseconds.
    long connect_timeout_ms;
    long timeout_ms;
};

// What came of it.
struct daybook_mail_result {
    // libcurl's CURLcode; 0 for sent.
    int code;
    // The server's last status, such as 250 or 550; 0 where it said nothing.
    long status;
};

// What a code stands for, of the few that the caller tells apart.
enum daybook_mail_kind {
    DAYBOOK_MAIL_SENT = 0,
    DAYBOOK_MAIL_CONNECTION = 1,
    DAYBOOK_MAIL_TIMEOUT = 2,
    DAYBOOK_MAIL_TLS = 3,
    DAYBOOK_MAIL_LOGIN = 4,
    DAYBOOK_MAIL_REFUSED = 5,
    DAYBOOK_MAIL_OTHER = 6
};

// Sends it. Blocks until it is sent, refused, or its time is over. May be called from any thread.
struct daybook_mail_result daybook_mail_send(const struct daybook_mail *mail);

// What a result means.
enum daybook_mail_kind daybook_mail_kind_of(struct daybook_mail_result result);

#endif
