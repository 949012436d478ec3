import Events
import X12

/// Reads what targets of the exchange of files do: entries of `targets.yaml` with `exchange`.
enum ExchangeTargetReader {
    static let fields = [
        FieldSpec(
            "task", Schema.choice(tasks),
            "What is done: assemble (files of outcomes), enroll (outcomes of a member file), sweep "
                + "(look for duplicates) or tidy (move and delete old files).",
            required: true),
        FieldSpec("types", Schema.any, "For assemble: the types; all that are sent by default."),
        FieldSpec("partners", Schema.any, "For assemble: the partners; all by default."),
        FieldSpec("partner", Schema.text, "For enroll: the partner that is sent the 834."),
        FieldSpec(
            "members", Schema.text,
            "For enroll: the member file; relative to members/ of the exchange folder."),
        FieldSpec(
            "mode", Schema.choice(["full", "delta"]),
            "For enroll: full (all members) or delta (what changed, the default)."),
        FieldSpec(
            "membersMax", Schema.count(membersMax),
            "For enroll: the most members of an outcome, 5000 by default."),
        FieldSpec("sponsor", Schema.any, "For enroll: who sponsors the plan (N1*P5)."),
        FieldSpec("payer", Schema.any, "For enroll: who pays for it (N1*IN)."),
        FieldSpec("timeout", Schema.duration, "When an attempt is ended, 1h by default."),
    ]
    static let partyFields = [
        FieldSpec("name", Schema.text, "Its name.", required: true),
        FieldSpec(
            "qualifier", Schema.any,
            "What kind of id it is (N103): FI (the default) or 94; 24 for a sponsor, XV for a "
                + "payer."),
        FieldSpec("id", Schema.any, "Its id (N104).", required: true),
    ]

    private static let tasks = ["assemble", "enroll", "sweep", "tidy"]
    private static let qualifiers = ["sponsor": ["24", "94", "FI"], "payer": ["94", "FI", "XV"]]
    private static let membersMax: ClosedRange<UInt64> = 1...100_000
    /// The fields that only one task has.
    private static let owners = [
        ("assemble", ["types", "partners"]),
        ("enroll", ["partner", "members", "mode", "membersMax", "sponsor", "payer"]),
    ]

    /// The binding: the task as its command, and what it needs as its settings.
    static func read(
        _ node: SourceNode, _ path: String, name: String, _ log: inout ProblemLog
    ) -> TargetBinding? {
        guard let reader = FieldReader(node, path, fields, &log),
            let task = reader.choice("task", tasks, &log)
        else { return nil }
        for (owner, names) in owners where owner != task {
            for name in names where reader.has(name) {
                log.error(
                    reader.place(of: name), reader.full(name),
                    "the task \(task) has no \(name)", "remove it, or make the task \(owner)")
            }
        }
        var binding = TargetBinding()
        binding.name = name
        binding.kind = "exchange"
        binding.command = [task]
        binding.timeoutSeconds = reader.seconds("timeout", 1...86_400, &log) ?? 3_600
        switch task {
        case "assemble": binding.settings = assembly(reader, &log)
        case "enroll": binding.settings = enrollment(reader, &log)
        default: break
        }
        binding.settings.sort { precedes($0.name, $1.name) }
        return binding
    }

    private static func assembly(_ reader: FieldReader, _ log: inout ProblemLog) -> [KeyValue] {
        var settings: [KeyValue] = []
        if let words = reader.words("types", &log) {
            let types = words.compactMap { word -> TransactionType? in
                guard let type = TransactionType.read(word.text, word.place, word.path, &log) else {
                    return nil
                }
                if TransactionType.assembled.contains(type) { return type }
                log.error(
                    word.place, word.path, "no file of \(type.rawValue) is assembled",
                    "use some of "
                        + TransactionType.assembled.map(\.rawValue).joined(separator: ", "))
                return nil
            }
            let sorted = TransactionType.sorted(types).map(\.rawValue)
            settings.append(KeyValue("types", sorted.joined(separator: ",")))
            refuseEmpty("types", words, reader, &log)
        }
        if let words = reader.words("partners", &log) {
            // A name that no partner can have is none of theirs; the check of all of them says so.
            let names = Set(words.map(\.text)).sorted(by: precedes)
            settings.append(KeyValue("partners", names.joined(separator: ",")))
            refuseEmpty("partners", words, reader, &log)
        }
        return settings
    }

    private static func refuseEmpty(
        _ name: String, _ words: [FieldReader.Word], _ reader: FieldReader, _ log: inout ProblemLog
    ) {
        if !words.isEmpty { return }
        log.error(
            reader.place(of: name), reader.full(name), "the list is empty, so that nothing is done",
            "name some, or remove it for all")
    }

    private static func enrollment(_ reader: FieldReader, _ log: inout ProblemLog) -> [KeyValue] {
        var settings = [
            KeyValue("mode", reader.choice("mode", ["full", "delta"], &log) ?? "delta"),
            KeyValue("membersMax", String(reader.count("membersMax", membersMax, &log) ?? 5_000)),
        ]
        for name in ["partner", "members", "sponsor", "payer"] where !reader.has(name) {
            log.error(
                reader.place, reader.full(name), "the task enroll needs the field \(name)", "add it"
            )
        }
        if let partner = reader.word("partner", &log) {
            settings.append(KeyValue("partner", partner))
        }
        if let members = reader.text("members", &log) {
            if members.isEmpty || FolderPath.fault(members) != nil {
                log.error(
                    reader.place(of: "members"), reader.full("members"),
                    "\(shown(members)) is no path of a file within members/",
                    "write for example plan-a.jsonl")
            }
            settings.append(KeyValue("members", members))
        }
        for name in ["sponsor", "payer"] { settings += party(name, reader, &log) }
        return settings
    }

    /// A party of an 834, as three settings: `payerName`, `payerQualifier` and `payerID`.
    private static func party(
        _ name: String, _ outer: FieldReader, _ log: inout ProblemLog
    ) -> [KeyValue] {
        guard let node = outer.node(name, &log),
            let reader = FieldReader(node, outer.full(name), partyFields, &log)
        else { return [] }
        let qualifier = reader.word("qualifier", &log) ?? "FI"
        let known = qualifiers[name] ?? []
        if !known.contains(qualifier) {
            log.error(
                reader.place(of: "qualifier"), reader.full("qualifier"),
                "\(shown(qualifier)) is no kind of id of a \(name)",
                "use one of \(known.joined(separator: ", "))")
        }
        return [
            KeyValue(name + "Name", element("name", 1...60, reader, &log)),
            KeyValue(name + "Qualifier", qualifier),
            KeyValue(name + "ID", element("id", 2...80, reader, &log)),
        ]
    }

    /// Text that stands in an element of so many characters.
    private static func element(
        _ name: String, _ lengths: ClosedRange<Int>, _ reader: FieldReader, _ log: inout ProblemLog
    ) -> String {
        guard let text = reader.word(name, &log) else { return "" }
        let isGood =
            lengths.contains(text.utf8.count)
            && text.utf8.allSatisfy { (0x20..<0x7F).contains($0) } && text.utf8.first != 0x20
            && text.utf8.last != 0x20
        if !isGood {
            log.error(
                reader.place(of: name), reader.full(name),
                "it is no text of \(lengths.lowerBound) to \(lengths.upperBound) ASCII characters",
                "write it without blanks at an end")
        }
        return text
    }

    /// Checks the partners that targets name against those that there are.
    static func check(
        _ targets: [String: TargetEntry], _ partners: [PartnerDefinition], _ log: inout ProblemLog
    ) {
        let names = partners.map(\.name)
        for (name, entry) in targets.sorted(by: { precedes($0.key, $1.key) })
        where entry.binding.kind == "exchange" && !entry.isExternal {
            if partners.isEmpty {
                log.warning(
                    entry.place, "targets.\(name).exchange",
                    "there is no partner, so that nothing is exchanged",
                    "add a file for each to partners/, or remove the target")
            }
            let settings = entry.binding.settings
            func values(_ name: String) -> [String] {
                settings.first { $0.name == name }?.value.split(separator: ",").map(String.init)
                    ?? []
            }
            for field in ["partners", "partner"] {
                for partner in values(field) where !names.contains(partner) {
                    let hint = log.nearest(partner, among: names)
                    log.error(
                        entry.place, "targets.\(name).exchange.\(field)",
                        "there is no partner \(shown(partner))",
                        hint.map { "did you mean \($0)?" } ?? "add it to partners/")
                }
            }
            for partner in values("partner") {
                guard let definition = partners.first(where: { $0.name == partner }),
                    !definition.sends.contains(TransactionType.enrollment.rawValue)
                else { continue }
                log.error(
                    entry.place, "targets.\(name).exchange.partner",
                    "the partner \(shown(partner)) is sent no 834", "add 834 to its sends")
            }
        }
    }
}
