import Events

/// Gives the value of a secret by its name.
///
/// Throws where there is none.
public typealias SecretResolver = @Sendable (_ name: String) throws -> String

/// Replaces `${secret:NAME}` in settings.
///
/// Values live only in the request or in the environment that is being made. A message names the
/// setting and the secret's name, never a value, and never the resolver's own error, which could
/// hold one.
struct SecretReferences: Sendable {
    let resolve: SecretResolver

    private static let opening = "${secret:"

    /// A setting's value with its references replaced.
    func value(of setting: KeyValue) throws(TargetFailure) -> String {
        try value(of: setting.value, named: "setting \(setting.name)")
    }

    /// A text with its references replaced; `named` is what messages call it.
    func value(of text: String, named: String) throws(TargetFailure) -> String {
        var result = ""
        var rest = Substring(text)
        while let range = rest.range(of: Self.opening) {
            result += rest[..<range.lowerBound]
            rest = rest[range.upperBound...]
            guard let end = rest.firstIndex(of: "}") else {
                throw .binding("\(named): ${secret: is not closed by a }.")
            }
            let name = String(rest[..<end])
            do {
                result += try resolve(name)
            } catch {
                throw .binding(
                    "\(named): secret \(name) is not available; provide it and retry the run.")
            }
            rest = rest[rest.index(after: end)...]
        }
        return result + rest
    }
}

extension TargetFailure {
    /// Nothing was started or sent, because the binding does not allow it.
    static func binding(_ message: String) -> TargetFailure {
        TargetFailure(
            failureClass: TargetFailureClass.binding, message: message, isDefinite: true)
    }

    /// The program was certainly not started.
    static func spawn(_ message: String) -> TargetFailure {
        TargetFailure(failureClass: TargetFailureClass.spawn, message: message, isDefinite: true)
    }
}
