import Events

/// What one name in `targets.yaml` means.
struct TargetEntry {
    var binding: TargetBinding
    /// Whether it is something outside that is asked for its status, and not something to run.
    var isExternal: Bool
    var pollSeconds: UInt64
    var place: SourcePlace
}

/// Reads `targets.yaml`.
enum TargetsReader {
    static let entryFields = [
        FieldSpec("process", Schema.any, "A program that is run."),
        FieldSpec("http", Schema.any, "An address that is asked to do the work."),
        FieldSpec("worker", Schema.any, "A program that a worker runs, on another machine."),
        FieldSpec("exchange", Schema.any, "Work of the exchange of files with partners."),
        FieldSpec("external", Schema.any, "Something that is asked whether it is READY."),
        FieldSpec(
            "every", Schema.duration, "How often an external dependency is asked, 30s by default."),
        FieldSpec("description", Schema.text, "What it is, in words; not read."),
    ]
    static let processFields = [
        FieldSpec("command", Schema.texts, "The program and its arguments.", required: true),
        FieldSpec("workingFolder", Schema.text, "The folder that it runs in."),
        FieldSpec("environment", Schema.values, "Variables that are added to its environment."),
        FieldSpec("timeout", Schema.duration, "When an attempt is ended, 1h by default."),
        FieldSpec(
            "grace", Schema.duration, "The time between SIGTERM and SIGKILL, 10s by default."),
    ]
    static let workerFields =
        processFields + [
            FieldSpec(
                "capabilities", Schema.identifiers,
                "What a worker must be able to do to be given it.", required: true),
            FieldSpec(
                "leaseWait", Schema.duration,
                "How long a run waits for a worker that takes it, 1h by default."),
        ]
    static let httpFields = [
        FieldSpec("url", Schema.text, "The address that is sent a POST.", required: true),
        FieldSpec("headers", Schema.values, "Headers that are added to the request."),
        FieldSpec("timeout", Schema.duration, "How long an answer may take, 30s by default."),
        FieldSpec(
            "callbackTimeout", Schema.duration,
            "How long a completion may take after a 202, 1h by default."),
        FieldSpec(
            "signingSecret", Schema.text, "The secret that signs requests, as ${secret:NAME}."),
    ]
    static let fileFields = [
        FieldSpec("targets", Schema.any, "What pipeline names mean, by name."),
        FieldSpec("$schema", Schema.text, "For editors; not read."),
    ]

    /// The entries of one file, which replace those of the same name that stood before.
    static func read(
        _ node: SourceNode, secrets: [String], into entries: inout [String: TargetEntry],
        _ log: inout ProblemLog
    ) {
        if case .null = node.value { return }
        guard let file = FieldReader(node, "", fileFields, &log) else { return }
        for member in file.map("targets", &log) ?? [] {
            let path = "targets.\(member.key)"
            guard let name = Values.identifier(member.key, member.place, path, &log) else {
                continue
            }
            let context = Context(name: name, secrets: secrets)
            guard let entry = self.entry(member.value, path, context, &log) else { continue }
            entries[name] = entry
        }
    }

    /// What the pieces of an entry need to know.
    private struct Context {
        var name: String
        /// The secrets that `daybook.yaml` names; nil where a worker has its own.
        var secrets: [String]?
    }

    private static func entry(
        _ node: SourceNode, _ path: String, _ context: Context, _ log: inout ProblemLog
    ) -> TargetEntry? {
        guard let reader = FieldReader(node, path, entryFields, &log) else { return nil }
        let kinds = ["process", "http", "worker", "exchange", "external"].filter { reader.has($0) }
        guard kinds.count == 1, let kind = kinds.first else {
            log.error(
                node.place, path, "a target is exactly one thing, and this names \(kinds.count)",
                "give one of process, http, worker, exchange and external")
            return nil
        }
        let every = reader.seconds("every", 1...86_400, &log)
        if every != nil, kind != "external" {
            log.error(
                reader.place(of: "every"), path + ".every",
                "only an external dependency is asked again and again",
                "move it to the schedule, or remove it")
        }
        guard let inner = reader.node(kind, &log) else { return nil }
        let innerPath = "\(path).\(kind)"
        let binding: TargetBinding?
        if kind == "external" {
            guard
                let outside = FieldReader(
                    inner, innerPath, Array(entryFields.prefix(2)), &log)
            else { return nil }
            let means = ["process", "http"].filter { outside.has($0) }
            guard means.count == 1, let means = means.first else {
                log.error(
                    inner.place, innerPath, "an external dependency is asked in exactly one way",
                    "give process or http")
                return nil
            }
            guard let probe = outside.node(means, &log) else { return nil }
            binding = self.binding(
                probe, "\(innerPath).\(means)", kind: means, isProbe: true, context, &log)
        } else if kind == "exchange" {
            binding = ExchangeTargetReader.read(inner, innerPath, name: context.name, &log)
        } else {
            binding = self.binding(inner, innerPath, kind: kind, isProbe: false, context, &log)
        }
        return binding.map {
            TargetEntry(
                binding: $0, isExternal: kind == "external", pollSeconds: every ?? 30,
                place: node.place)
        }
    }

    private static func binding(
        _ node: SourceNode, _ path: String, kind: String, isProbe: Bool, _ context: Context,
        _ log: inout ProblemLog
    ) -> TargetBinding? {
        let fields =
            switch kind {
            case "process": processFields
            case "worker": workerFields
            default: httpFields
            }
        guard let reader = FieldReader(node, path, fields, &log) else { return nil }
        var context = context
        if kind == "worker" { context.secrets = nil }
        var binding = TargetBinding()
        binding.name = context.name
        binding.kind = kind
        let day: UInt64 = 86_400
        if kind == "process" || kind == "worker" {
            binding.command = command(reader, &log) ?? []
            binding.workingFolder = reader.text("workingFolder", &log) ?? ""
            binding.timeoutSeconds =
                reader.seconds("timeout", 1...(30 * day), &log) ?? (isProbe ? 30 : 3_600)
            binding.graceSeconds = reader.seconds("grace", 0...3_600, &log) ?? 10
            binding.settings = settings(reader, "environment", isVariable, context, &log)
            if kind == "worker" {
                binding.capabilities = capabilities(reader, &log)
                binding.leaseWaitSeconds =
                    reader.seconds("leaseWait", 1...(30 * day), &log) ?? 3_600
            }
        } else {
            binding.timeoutSeconds = reader.seconds("timeout", 1...3_600, &log) ?? 30
            binding.callbackTimeoutSeconds =
                reader.seconds("callbackTimeout", 1...(30 * day), &log) ?? (isProbe ? 0 : 3_600)
            binding.settings = settings(reader, "headers", isHeader, context, &log)
            binding.url = url(reader, &log) ?? ""
            binding.signingSecret = signingSecret(reader, context, &log) ?? ""
            if isProbe, reader.has("callbackTimeout") {
                log.error(
                    reader.place(of: "callbackTimeout"), path + ".callbackTimeout",
                    "a dependency is asked for its status, and reports no completion", "remove it")
            }
        }
        return binding
    }

    /// A program and its arguments.
    ///
    /// Arguments are given as they stand; no token is replaced.
    static func command(_ reader: FieldReader, _ log: inout ProblemLog) -> [String]? {
        guard let items = reader.list("command", &log) else { return nil }
        let path = reader.full("command")
        var result: [String] = []
        for (index, item) in items.enumerated() {
            guard let text = Values.scalar(item, "\(path)[\(index)]", &log) else { return nil }
            let tokens = ["${scheduledDate", "${environment}", "${secret:"]
            if tokens.contains(where: { text.contains($0) }) {
                log.error(
                    item.place, "\(path)[\(index)]", "tokens are not replaced in a command",
                    "use a parameter ($DAYBOOK_PARAM_NAME), $DAYBOOK_BUSINESS_DATE, or a secret "
                        + "under environment:")
            }
            result.append(text)
        }
        guard let program = result.first, !program.isEmpty else {
            log.error(
                reader.place(of: "command"), path, "the command names no program",
                "write the program first, as in [programs/report.sh, daily]")
            return nil
        }
        return result
    }

    /// What a worker must be able to do: names as workers have them.
    private static func capabilities(
        _ reader: FieldReader, _ log: inout ProblemLog
    ) -> [String] {
        var names: Set<String> = []
        for (index, item) in (reader.list("capabilities", &log) ?? []).enumerated() {
            let path = "\(reader.full("capabilities"))[\(index)]"
            guard let text = Values.text(item, path, &log) else { continue }
            let isName = text.utf8.allSatisfy {
                isWordByte($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".")
            }
            guard isName, (1...64).contains(text.utf8.count) else {
                log.error(
                    item.place, path, "this is not the name of a capability",
                    "use 1 to 64 letters, digits, '.', '_' and '-'")
                continue
            }
            names.insert(text)
        }
        return names.sorted()
    }

    private static func url(_ reader: FieldReader, _ log: inout ProblemLog) -> String? {
        guard let text = reader.text("url", &log) else { return nil }
        guard let fault = URLRule.fault(text) else { return text }
        log.error(
            reader.place(of: "url"), reader.full("url"), fault,
            "write for example https://jobs.example.org/start; secrets go into headers")
        return nil
    }

    private static func signingSecret(
        _ reader: FieldReader, _ context: Context, _ log: inout ProblemLog
    ) -> String? {
        guard let text = reader.text("signingSecret", &log) else { return nil }
        let place = reader.place(of: "signingSecret")
        let path = reader.full("signingSecret")
        guard case .some(let parts) = SecretReference.parts(text), parts.count == 1,
            case .secret = parts[0]
        else {
            log.error(
                place, path, "the secret must be a reference and nothing else",
                "write ${secret:NAME} and name it under secrets: in daybook.yaml")
            return nil
        }
        check(text, place, path, context.secrets, &log)
        return text
    }

    /// Variables or headers: sorted by name, values that may refer to secrets.
    private static func settings(
        _ reader: FieldReader, _ field: String, _ isName: (String) -> Bool, _ context: Context,
        _ log: inout ProblemLog
    ) -> [KeyValue] {
        var result: [KeyValue] = []
        for member in reader.map(field, &log) ?? [] {
            let path = "\(reader.full(field)).\(member.key)"
            guard isName(member.key) else {
                log.error(
                    member.place, path, "this is not a name for one of the \(field)",
                    field == "headers"
                        ? "use letters, digits and '-'; Content-Length, Host and webhook-… are ours"
                        : "use letters, digits and '_'; DAYBOOK_… are ours")
                continue
            }
            guard let text = Values.scalar(member.value, path, &log) else { continue }
            if field == "headers", text.contains("\n") {
                log.error(member.value.place, path, "a header is one line", "remove the line feed")
            }
            check(text, member.value.place, path, context.secrets, &log)
            if let twin = result.first(where: { $0.name.lowercased() == member.key.lowercased() }),
                field == "headers"
            {
                log.error(
                    member.place, path, "the header \(twin.name) stands twice", "keep one of them")
            }
            result.append(KeyValue(member.key, text))
        }
        return result.sorted { precedes($0.name, $1.name) }
    }

    /// Notes tokens that are no references, and references to what `secrets:` does not name.
    static func check(
        _ text: String, _ place: SourcePlace, _ path: String, _ secrets: [String]?,
        _ log: inout ProblemLog
    ) {
        guard SecretReference.parts(text) != nil else {
            log.error(
                place, path, "only ${secret:NAME} is replaced here",
                "use a parameter of the schedule for ${scheduledDate} and the like")
            return
        }
        guard let secrets else { return }
        for name in SecretReference.names(text) where !secrets.contains(name) {
            let hint = log.nearest(name, among: secrets)
            log.error(
                place, path, "there is no secret \(shown(name)) under secrets: in daybook.yaml",
                hint.map { "did you mean \($0)?" } ?? "name it there, with its file or variable")
        }
    }

    private static func isVariable(_ name: String) -> Bool {
        guard let first = name.utf8.first, !(0x30...0x39).contains(first),
            name.utf8.count <= Limits.identifierByteCountMax, !name.hasPrefix("DAYBOOK_")
        else { return false }
        return name.utf8.allSatisfy(isWordByte)
    }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"): true
        default: false
        }
    }

    /// A header's name: a token of RFC 9110, kept to letters, digits, `-` and `_`.
    private static func isHeader(_ name: String) -> Bool {
        let ours = ["host", "content-length", "transfer-encoding", "connection", "content-type"]
        let folded = name.lowercased()
        return !name.isEmpty && name.utf8.count <= Limits.identifierByteCountMax
            && name.utf8.allSatisfy { isWordByte($0) || $0 == UInt8(ascii: "-") }
            && !ours.contains(folded) && !folded.hasPrefix("webhook-")
            && !folded.hasPrefix("daybook-")
    }
}
