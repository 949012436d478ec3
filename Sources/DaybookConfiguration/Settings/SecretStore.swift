import Foundation

/// Why a secret is not available; never a secret's value.
public struct SecretError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The kinds of failure.
    public enum Code: Sendable {
        /// `secrets:` in `daybook.yaml` does not name it.
        case unknown
        /// Its source does not give it.
        case unavailable
        /// A text holds a `${` that is not a reference to a secret.
        case badReference
    }

    /// The kind of failure; equality looks at this and the name.
    public let code: Code
    /// The secret's name.
    public let name: String
    /// What failed, and what to do next.
    public let message: String

    /// Two errors are equal when code and name are.
    public static func == (a: SecretError, b: SecretError) -> Bool {
        a.code == b.code && a.name == b.name
    }

    /// The message.
    public var description: String { message }
}

/// Gives the values of secrets, each read anew when it is used, so that a rotation takes effect
/// at once.
public struct SecretStore: Sendable {
    private let definitions: [SecretDefinition]
    private let baseFolder: String
    private let processEnvironment: [String: String]

    /// Makes a store.
    ///
    /// - Parameters:
    ///   - definitions: `Settings.secrets`.
    ///   - baseFolder: what relative paths are relative to: the folder that holds `config`.
    ///   - processEnvironment: the variables of the engine.
    public init(
        definitions: [SecretDefinition], baseFolder: String, processEnvironment: [String: String]
    ) {
        self.definitions = definitions
        self.baseFolder = baseFolder
        self.processEnvironment = processEnvironment
    }

    /// A text with every `${secret:NAME}` replaced.
    ///
    /// Reads files and may run programs: blocks, for a command at most for its timeout.
    public func resolve(_ text: String) throws(SecretError) -> String {
        guard let parts = SecretReference.parts(text) else {
            throw SecretError(
                code: .badReference, name: "",
                message: "a value holds a ${ that is not ${secret:NAME}. Correct it in config.")
        }
        var result = ""
        for part in parts {
            switch part {
            case .literal(let text): result += text
            case .secret(let name): result += try value(of: name)
            }
        }
        return result
    }

    /// The value of a secret; blocks as `resolve` does.
    public func value(of name: String) throws(SecretError) -> String {
        guard let definition = definitions.first(where: { $0.name == name }) else {
            throw SecretError(
                code: .unknown, name: name,
                message: "there is no secret \(shown(name)). Add it under secrets: in daybook.yaml."
            )
        }
        switch definition.source {
        case .file(let path):
            return try file(path.hasPrefix("/") ? path : baseFolder + "/" + path, name)
        case .variable(let variable):
            guard let value = processEnvironment[variable] else {
                throw unavailable(name, "the variable \(variable) is not set", "Set it")
            }
            return value
        case .systemdCredential(let credential):
            guard let folder = processEnvironment["CREDENTIALS_DIRECTORY"] else {
                throw unavailable(
                    name, "systemd passed no credentials", "Add LoadCredential= to the unit")
            }
            return try file(folder + "/" + credential, name)
        case .command(let command, let timeoutSeconds):
            return try output(command, timeoutSeconds, name)
        }
    }

    private func file(_ path: String, _ name: String) throws(SecretError) -> String {
        do {
            let bytes = try BoundedFile.read(path, byteCountMax: Limits.secretByteCountMax)
            return try text(bytes, name)
        } catch let error as SecretError {
            throw error
        } catch let error as BoundedFile.Failure {
            throw unavailable(name, "\(path): \(error.message)", "Put it there")
        } catch {
            throw unavailable(name, "\(path) cannot be read", "Put it there")
        }
    }

    private func output(
        _ command: [String], _ timeoutSeconds: Int, _ name: String
    ) throws(SecretError) -> String {
        let bytes: [UInt8]
        do {
            bytes = try BoundedProcess.run(
                command, environment: processEnvironment, workingFolder: baseFolder,
                timeoutSeconds: timeoutSeconds, byteCountMax: Limits.secretByteCountMax)
        } catch {
            let reason =
                switch error {
                case .notFound: "its command is not there"
                case .notStarted: "its command does not start"
                case .timedOut: "its command took longer than \(timeoutSeconds) s"
                case .tooLong: "its command printed too much"
                case .failed(let status): "its command ended with \(status)"
                }
            throw unavailable(name, reason, "Run it by hand")
        }
        return try text(bytes, name)
    }

    /// The text without one line feed at its end.
    private func text(_ bytes: [UInt8], _ name: String) throws(SecretError) -> String {
        let content = bytes.last == 0x0A ? bytes.dropLast() : bytes[...]
        guard let text = String(validating: content, as: UTF8.self), !text.isEmpty else {
            throw unavailable(name, "its source is empty or not UTF-8", "Fill it")
        }
        return text
    }

    private func unavailable(_ name: String, _ why: String, _ remedy: String) -> SecretError {
        SecretError(
            code: .unavailable, name: name,
            message: "the secret \(shown(name)) is not available: \(why). "
                + "\(remedy), or correct secrets: in daybook.yaml.")
    }
}
