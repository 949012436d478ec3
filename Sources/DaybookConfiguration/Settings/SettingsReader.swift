import Foundation
import Timetable

/// Reads `daybook.yaml` and the environment into `Settings`, by the table of settings.
struct SettingsReader {
    let zones: ZoneCatalog

    static let secretFields = [
        FieldSpec(
            "file", Schema.text, "A file that holds it; relative to the folder that holds config."),
        FieldSpec("env", Schema.text, "A variable in the engine's environment that holds it."),
        FieldSpec("systemdCredential", Schema.identifier, "A credential that systemd passed."),
        FieldSpec("command", Schema.texts, "A program, with arguments, that prints it."),
        FieldSpec("timeout", Schema.duration, "How long the command may take, 10s by default."),
    ]

    static let fields =
        SettingSpec.all.map { FieldSpec($0.name, Schema.any, $0.summary) }
        + [
            FieldSpec("secrets", Schema.any, "Where secrets come from, by name."),
            FieldSpec("$schema", Schema.text, "For editors; not read."),
        ]

    /// Reads one `daybook.yaml` over what stood before, and notes where each setting stands.
    func read(
        _ node: SourceNode, into settings: inout Settings, _ places: inout SettingPlaces,
        _ log: inout ProblemLog
    ) {
        // A file with nothing but comments is a file without settings.
        if case .null = node.value { return }
        guard let reader = FieldReader(node, "", Self.fields, &log) else { return }
        for spec in SettingSpec.all {
            guard let node = reader.node(spec.name, &log) else { continue }
            places[spec.name] = node.place
            set(spec, node, spec.name, &settings, &log)
        }
        for member in reader.map("secrets", &log) ?? [] {
            guard let definition = secret(member, &log) else { continue }
            settings.secrets.removeAll { $0.name == definition.name }
            settings.secrets.append(definition)
        }
        settings.secrets.sort { precedes($0.name, $1.name) }
    }

    /// Puts the variables of the environment over the settings.
    func read(
        environment: [String: String], into settings: inout Settings,
        _ places: inout SettingPlaces, _ log: inout ProblemLog
    ) {
        for spec in SettingSpec.all {
            guard let text = environment[spec.environmentVariable] else { continue }
            let place = SourcePlace("environment")
            places[spec.name] = place
            let value: SourceNode.Value =
                UInt64(text) != nil
                ? .number(text) : ["true": .bool(true), "false": .bool(false)][text] ?? .text(text)
            let isText = if case .text = spec.kind { true } else { false }
            // An empty variable means "none" where that can be said, as `VAR= daybook serve` does.
            set(
                spec, SourceNode(isText ? .text(text) : value, place), spec.environmentVariable,
                &settings, &log)
        }
        let known = SettingSpec.all.map(\.environmentVariable)
        for name in environment.keys.filter({ $0.hasPrefix("DAYBOOK_") }).sorted(by: precedes)
        where !known.contains(name) {
            // Other variables with this prefix are the engine's own, for the programs that it runs.
            guard let hint = log.nearest(name, among: known), !Self.ownVariables.contains(name)
            else { continue }
            log.warning(
                SourcePlace("environment"), name, "the variable \(name) is not known",
                "did you mean \(hint)?")
        }
    }

    private static let ownVariables: Set<String> = [
        "DAYBOOK_RUN", "DAYBOOK_JOB", "DAYBOOK_TENANT", "DAYBOOK_ATTEMPT", "DAYBOOK_RUN_KEY",
    ]

    private func set(
        _ spec: SettingSpec, _ node: SourceNode, _ path: String, _ settings: inout Settings,
        _ log: inout ProblemLog
    ) {
        switch spec.kind {
        case .number(let target, let range):
            if case .number(let text) = node.value, let value = UInt64(text),
                range.contains(value)
            {
                settings[keyPath: target] = Int(value)
            } else {
                log.error(
                    node.place, path,
                    "a whole number from \(range.lowerBound) to \(range.upperBound) is expected",
                    "write such a number, or remove it for the default, \(spec.defaultText)")
            }
        case .seconds(let target, let range):
            guard let value = Values.seconds(node, path, range, &log) else { return }
            settings[keyPath: target] = Int(value)
        case .flag(let target):
            guard let value = flag(node) else {
                log.error(node.place, path, "on or off is expected", "write on or off")
                return
            }
            settings[keyPath: target] = value
        case .choice(let target, let choices):
            guard let text = Values.text(node, path, &log) else { return }
            guard choices.contains(text) else {
                log.error(
                    node.place, path, "\(shown(text)) is none of the values of \(spec.name)",
                    "use one of \(choices.joined(separator: ", "))")
                return
            }
            settings[keyPath: target] = text
        case .choices(let target, let choices):
            guard let names = names(node, path, &log) else { return }
            for name in names where !choices.contains(name) {
                log.error(
                    node.place, path, "\(shown(name)) is none of the values of \(spec.name)",
                    log.nearest(name, among: choices).map { "did you mean \($0)?" }
                        ?? "use some of \(choices.joined(separator: ", "))")
            }
            settings[keyPath: target] = choices.filter { names.contains($0) }
        case .text(let target, let rule):
            guard let text = Values.text(node, path, &log),
                let value = checked(text, rule, node.place, path, &log)
            else { return }
            settings[keyPath: target] = value
        }
    }

    /// The names of a list; in a variable they stand in one text, with commas between.
    private func names(
        _ node: SourceNode, _ path: String, _ log: inout ProblemLog
    ) -> [String]? {
        guard case .list(let items) = node.value else {
            return Values.text(node, path, &log)?.split(separator: ",").map {
                $0.trimmingCharacters(in: .whitespaces)
            }
        }
        return items.enumerated().compactMap { index, item in
            Values.text(item, "\(path)[\(index)]", &log)
        }
    }

    private func flag(_ node: SourceNode) -> Bool? {
        switch node.value {
        case .bool(let value): return value
        case .text(let text):
            return ["on": true, "off": false, "yes": true, "no": false][text.lowercased()]
        case .number(let text): return ["1": true, "0": false][text]
        case .null, .list, .map: return nil
        }
    }

    private func checked(
        _ text: String, _ rule: SettingSpec.TextRule, _ place: SourcePlace, _ path: String,
        _ log: inout ProblemLog
    ) -> String? {
        switch rule {
        case .host:
            let isHost =
                !text.isEmpty && text.utf8.count <= 255
                && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "/") }
            if isHost { return text }
            log.error(place, path, "this is not a host", "write for example 127.0.0.1 or ::1")
        case .url:
            if text.isEmpty || URLRule.fault(text) == nil { return text }
            log.error(
                place, path, URLRule.fault(text) ?? "",
                "write for example https://daybook.example.org")
        case .zone:
            do {
                return try zones.zone(text).name
            } catch {
                Values.problem(error, place, path, &log)
            }
        case .environment, .contact:
            return text.isEmpty ? text : Values.identifier(text, place, path, &log)
        case .secret:
            if text.isEmpty || SecretReference.isName(text) { return text }
            log.error(
                place, path, "this is not the name of a secret",
                "name one of secrets, for example checkpoint-key")
        case .folder, .folderOrNone:
            let lengthMin = rule == .folder ? 1 : 0
            if (lengthMin...1_024).contains(text.utf8.count),
                !text.utf8.contains(where: { $0 < 0x20 })
            {
                return text
            }
            log.error(
                place, path, "this is not the path of a folder", "write for example records")
        case .pattern:
            if text.utf8.count <= 512, (try? Regex(text)) != nil { return text }
            log.error(
                place, path, "this is not a regular expression of at most 512 bytes",
                "write for example [A-Z]+-[0-9]+")
        }
        return nil
    }

    private func secret(_ member: SourceMember, _ log: inout ProblemLog) -> SecretDefinition? {
        let path = "secrets.\(member.key)"
        guard let name = Values.identifier(member.key, member.place, path, &log),
            let reader = FieldReader(member.value, path, Self.secretFields, &log)
        else { return nil }
        guard SecretReference.isName(name) else {
            log.error(
                member.place, path, "a secret's name may hold letters, digits, '.', '_' and '-'",
                "choose a name such as partner-api-token")
            return nil
        }
        let kinds = ["file", "env", "systemdCredential", "command"].filter { reader.has($0) }
        guard kinds.count == 1, let kind = kinds.first else {
            log.error(
                reader.place, path, "a secret has exactly one source",
                "give one of file, env, systemdCredential and command")
            return nil
        }
        let timeout = reader.seconds("timeout", 1...300, &log) ?? 10
        if reader.has("timeout"), kind != "command" {
            log.error(
                reader.place(of: "timeout"), path + ".timeout", "only a command has a timeout",
                "remove it")
        }
        let source: SecretDefinition.Source?
        switch kind {
        case "file": source = nonEmpty(reader, kind, &log).map { .file($0) }
        case "env": source = nonEmpty(reader, kind, &log).map { .variable($0) }
        case "systemdCredential":
            source = reader.identifier(kind, &log).map { .systemdCredential($0) }
        default:
            source = TargetsReader.command(reader, &log).map {
                .command($0, timeoutSeconds: Int(timeout))
            }
        }
        return source.map { SecretDefinition(name: name, source: $0) }
    }

    private func nonEmpty(
        _ reader: FieldReader, _ name: String, _ log: inout ProblemLog
    ) -> String? {
        guard let text = reader.text(name, &log) else { return nil }
        if !text.isEmpty { return text }
        log.error(reader.place(of: name), reader.full(name), "the text is empty", "fill it in")
        return nil
    }
}
