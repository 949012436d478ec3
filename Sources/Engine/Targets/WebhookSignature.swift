import Crypto
import Foundation

/// Signs a request as the Standard Webhooks specification 1.0 says.
///
/// The signature is HMAC-SHA256 over `id.timestamp.body`. A secret is `whsec_` and Base64; any
/// other text is taken as its own bytes.
public struct WebhookSignature: Sendable {
    private let key: SymmetricKey

    /// A signer; nil where the secret is empty or begins with `whsec_` and is not Base64.
    public init?(secret: String) {
        let prefix = "whsec_"
        if secret.hasPrefix(prefix) {
            guard let bytes = Data(base64Encoded: String(secret.dropFirst(prefix.count))),
                !bytes.isEmpty
            else { return nil }
            key = SymmetricKey(data: bytes)
        } else {
            guard !secret.isEmpty else { return nil }
            key = SymmetricKey(data: Data(secret.utf8))
        }
    }

    /// The value of `webhook-signature`: `v1,` and Base64.
    public func sign(id: String, timestamp: Int64, body: [UInt8]) -> String {
        var mac = HMAC<SHA256>(key: key)
        mac.update(data: Data("\(id).\(timestamp).".utf8))
        mac.update(data: body)
        return "v1," + Data(mac.finalize()).base64EncodedString()
    }
}
