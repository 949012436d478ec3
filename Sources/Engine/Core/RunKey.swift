/// The idempotency key that a target receives.
///
/// `tenant/jobId/scheduled time/fan-out key/execution`; a manual run adds its number. Attempts
/// that may repeat work repeat the key.
enum RunKey {
    static func make(
        tenant: String, jobId: String, scheduled: String, fanOutKey: String, execution: UInt64,
        manualRun: UInt64?
    ) -> String {
        var key: [UInt8] = []
        key.reserveCapacity(
            tenant.utf8.count + jobId.utf8.count + scheduled.utf8.count + fanOutKey.utf8.count + 48)
        for part in [tenant, jobId, scheduled, fanOutKey] {
            append(part, to: &key)
            key.append(UInt8(ascii: "/"))
        }
        append(String(execution), to: &key)
        if let manualRun {
            key.append(UInt8(ascii: "/"))
            append(String(manualRun), to: &key)
        }
        return String(decoding: key, as: UTF8.self)
    }

    /// `%` and `/` as `%25` and `%2F`, controls and what is not ASCII as `%XX` of their UTF-8, so
    /// that the key can stand in a header (RFC 9110, field values).
    private static func append(_ text: String, to key: inout [UInt8]) {
        if text.utf8.allSatisfy(isPlain) {
            key += text.utf8
            return
        }
        for byte in text.utf8 {
            if isPlain(byte) {
                key.append(byte)
            } else {
                key.append(UInt8(ascii: "%"))
                key.append(hexDigit(byte >> 4))
                key.append(hexDigit(byte & 15))
            }
        }
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        byte > 0x20 && byte < 0x7F && byte != UInt8(ascii: "%") && byte != UInt8(ascii: "/")
    }

    private static func hexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") + value - 10
    }
}
