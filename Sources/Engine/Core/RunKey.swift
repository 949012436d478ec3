/// The idempotency key that a target receives.
///
/// `tenant/jobId/scheduled time/fan-out key/execution`; a manual run adds its number. Attempts
/// that may repeat work repeat the key.
enum RunKey {
    static func make(
        tenant: String, jobId: String, scheduled: String, fanOutKey: String, execution: UInt64,
        manualRun: UInt64?
    ) -> String {
        let parts = [tenant, jobId, scheduled, fanOutKey, String(execution)]
        let key = parts.map(escaped).joined(separator: "/")
        return manualRun.map { "\(key)/\($0)" } ?? key
    }

    /// `%` and `/` as `%25` and `%2F`, controls and what is not ASCII as `%XX` of their UTF-8, so
    /// that the key can stand in a header (RFC 9110, field values).
    private static func escaped(_ text: String) -> String {
        var result = ""
        for byte in text.utf8 {
            if byte > 0x20 && byte < 0x7F && byte != UInt8(ascii: "%") && byte != UInt8(ascii: "/")
            {
                result.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                let hex = String(byte, radix: 16, uppercase: true)
                result += "%" + (hex.count == 1 ? "0" : "") + hex
            }
        }
        return result
    }
}
