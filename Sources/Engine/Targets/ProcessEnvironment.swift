import Events
import Glibc

/// What a program finds in its environment, and which program that is.
///
/// The environment starts empty: nothing of the engine's own reaches a program but the few
/// variables of `base`.
struct ProcessEnvironment: Sendable {
    /// `PATH`, `HOME`, `LANG`, `TZ`, as far as the engine has them.
    let base: [String: String]
    let secrets: SecretReferences

    /// The variables of one attempt.
    func variables(
        _ delivery: Delivery, resultFile: String, fileList: String
    ) throws(TargetFailure) -> [String: String] {
        var variables = try settings(delivery.binding)
        let own = [
            ("RUN", String(delivery.run)),
            ("ATTEMPT", String(delivery.attempt)),
            ("EXECUTION", String(delivery.execution)),
            ("RUN_KEY", delivery.runKey),
            ("JOB", delivery.jobId),
            ("TENANT", delivery.tenant),
            ("SCHEDULED", delivery.scheduled),
            ("BUSINESS_DATE", delivery.businessDate),
            ("ENVIRONMENT", delivery.environmentName),
            ("RESULT_FILE", resultFile),
            ("LOG", delivery.logIdentity),
        ]
        for (name, value) in own {
            variables["DAYBOOK_" + name] = value
        }
        if !delivery.element.isEmpty { variables["DAYBOOK_ELEMENT"] = delivery.element }
        for folder in delivery.folders {
            variables["DAYBOOK_FOLDER_" + Self.upperCased(folder.name)] = folder.value
        }
        if let files = delivery.files {
            variables["DAYBOOK_FILE_COUNT"] = String(files.count)
            variables["DAYBOOK_FILE_LIST"] = fileList
        }
        var sources: [String: String] = [:]
        for parameter in delivery.parameters {
            let name = "DAYBOOK_PARAM_" + Self.upperCased(parameter.name)
            if let other = sources.updateValue(parameter.name, forKey: name) {
                throw .binding(
                    "parameters \(other) and \(parameter.name) both become \(name); rename one.")
            }
            variables[name] = parameter.value
        }
        try check(variables)
        return variables
    }

    /// The variables of a question to a dependency.
    ///
    /// They name no run: a probe belongs to none.
    func variables(_ request: ProbeRequest) throws(TargetFailure) -> [String: String] {
        var variables = try settings(request.binding)
        variables["DAYBOOK_DEPENDENCY"] = request.dependency
        variables["DAYBOOK_JOB"] = request.jobId
        variables["DAYBOOK_TENANT"] = request.tenant
        variables["DAYBOOK_SCHEDULED"] = request.scheduled
        variables["DAYBOOK_BUSINESS_DATE"] = request.businessDate
        variables["DAYBOOK_ENVIRONMENT"] = request.environmentName
        variables["DAYBOOK_LOG"] = request.logIdentity
        try check(variables)
        return variables
    }

    private func settings(_ binding: TargetBinding) throws(TargetFailure) -> [String: String] {
        var variables = base
        for setting in binding.settings {
            // The shell that waits at the gate hands on only what it can name itself.
            guard Self.isName(setting.name) else {
                throw .binding(
                    "setting \(setting.name) of target \(binding.name) is not a variable's name "
                        + "(letters, digits and _, not a digit first).")
            }
            guard !setting.name.hasPrefix("DAYBOOK_") else {
                throw .binding(
                    "setting \(setting.name) of target \(binding.name): names that begin with "
                        + "DAYBOOK_ are the engine's.")
            }
            variables[setting.name] = try secrets.value(of: setting)
        }
        return variables
    }

    private func check(_ variables: [String: String]) throws(TargetFailure) {
        for (name, value) in variables where value.utf8.contains(0) {
            throw .binding("\(name): a variable cannot hold a zero byte.")
        }
    }

    /// The absolute path of a command, and its arguments.
    static func command(
        _ binding: TargetBinding, base: String, path: String
    ) throws(TargetFailure) -> [String] {
        guard let name = binding.command.first, !name.isEmpty else {
            throw .binding("target \(binding.name) names no command.")
        }
        for argument in binding.command where argument.utf8.contains(0) {
            throw .binding("target \(binding.name): an argument cannot hold a zero byte.")
        }
        if name.contains("/") {
            let program = absolute(name, base: base)
            guard isProgram(program) else {
                throw .spawn("\(program): not an executable file; see target \(binding.name).")
            }
            return [program] + binding.command.dropFirst()
        }
        for folder in path.split(separator: ":") where folder.hasPrefix("/") {
            let program = folder + "/" + name
            if isProgram(String(program)) {
                return [String(program)] + binding.command.dropFirst()
            }
        }
        throw .spawn("\(name): not found in PATH (\(path)); see target \(binding.name).")
    }

    /// The folder that a command runs in.
    static func workingFolder(
        _ binding: TargetBinding, base: String
    ) throws(TargetFailure) -> String {
        let folder =
            binding.workingFolder.isEmpty ? base : absolute(binding.workingFolder, base: base)
        var info = stat()
        guard stat(folder, &info) == 0, info.st_mode & S_IFMT == S_IFDIR,
            access(folder, X_OK) == 0
        else {
            throw .spawn("\(folder): not a folder to run in; see target \(binding.name).")
        }
        return folder
    }

    private static func absolute(_ path: String, base: String) -> String {
        path.hasPrefix("/") ? path : base + "/" + path
    }

    private static func isProgram(_ path: String) -> Bool {
        var info = stat()
        return stat(path, &info) == 0 && info.st_mode & S_IFMT == S_IFREG
            && access(path, X_OK) == 0
    }

    private static func isName(_ name: String) -> Bool {
        guard let first = name.utf8.first, !(48...57).contains(first) else { return false }
        return name.utf8.allSatisfy { isLetterOrDigit($0) || $0 == UInt8(ascii: "_") }
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
    }

    /// `load-date` becomes `LOAD_DATE`.
    static func upperCased(_ name: String) -> String {
        var text = ""
        for scalar in name.unicodeScalars {
            guard scalar.isASCII, isLetterOrDigit(UInt8(scalar.value)) else {
                text += "_"
                continue
            }
            text += String(scalar).uppercased()
        }
        return text
    }
}
