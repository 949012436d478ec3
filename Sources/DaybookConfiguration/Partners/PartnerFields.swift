import X12

/// The fields of files in `partners/`.
enum PartnerFields {
    static let partner = [
        FieldSpec(
            "partner", ##"{"$ref":"#/$defs/partnerName"}"##,
            "Its name: 1 to 15 letters, digits, '-', '_' and '.'; it stands in the names of files.",
            required: true),
        FieldSpec("description", Schema.text, "What people call it, in words."),
        FieldSpec(
            "own", ##"{"$ref":"#/$defs/identity"}"##, "How its envelopes name us.", required: true),
        FieldSpec(
            "identity", ##"{"$ref":"#/$defs/identity"}"##, "How envelopes name the partner.",
            required: true),
        FieldSpec(
            "delimiters", ##"{"$ref":"#/$defs/delimiters"}"##,
            "What separates in files that we send; * ^ : ~ by default."),
        FieldSpec(
            "usage", Schema.choice(["P", "T"]),
            "ISA15 of what we send: P (production, the default) or T (test)."),
        FieldSpec(
            "acknowledgments", Schema.choice(["isa14", "always", "never"]),
            "When an accepted interchange is answered with a TA1: isa14 (where it asks for one, "
                + "the default), always or never. A rejected one always is, but for never."
        ),
        FieldSpec(
            "requestAcknowledgment", Schema.flag,
            "Whether ISA14 of what we send asks for a TA1, false by default."),
        FieldSpec(
            "versions", words, "The versions (ISA12) that it may send; [00501] by default."),
        FieldSpec(
            "accepts", types,
            "The types that it may send; TA1 and 999 are always taken, and nothing else by default."
        ),
        FieldSpec(
            "sends", types,
            "The types that we send to it: always TA1 and 999, and by default what answers accepts."
        ),
        FieldSpec(
            "windows", minutes,
            "By type: so many minutes outcomes are gathered for one file; 271 2, 999 5, 277CA 60, "
                + "others 0 by default."
        ),
        FieldSpec(
            "slas", minutes,
            "By type: written so many minutes after what it answers came; TA1 5, 999 15, 271 5, "
                + "277CA 240, others 0 by default, which is no limit."
        ),
        FieldSpec(
            "acknowledgedWithin", minutes,
            "By acknowledgment (TA1, 999): so many minutes after a file was published it is due; "
                + "TA1 5, 999 15 by default, 0 where none is waited for."
        ),
        FieldSpec(
            "batch", Schema.count(outcomesMax), "The most outcomes of a file, 100 by default."),
        FieldSpec(
            "controlNumbers",
            ##"{"type":"array","items":{"$ref":"#/$defs/controlNumbers"}}"##,
            "Ranges of its control numbers; the first that fits counts."),
        FieldSpec(
            "duplicateDays", Schema.count(1...90),
            "So many days the same interchange or content is a duplicate, 30 by default."),
        FieldSpec(
            "usages", words, "The values of ISA15 that it may send; [P, T] by default."),
        FieldSpec(
            "authorizations", words, "The values of ISA01 that it may send; [00, 03] by default."),
        FieldSpec(
            "securities", words, "The values of ISA03 that it may send; [00, 01] by default."),
        FieldSpec("contacts", Schema.identifiers, "The contacts that hear of alerts about it."),
        FieldSpec("$schema", Schema.text, "The JSON Schema, for editors; not read."),
    ]
    static let identity = [
        FieldSpec(
            "qualifier", word, "What kind of id it is, two characters such as ZZ.", required: true),
        FieldSpec(
            "id", word, "The id in ISA06 or ISA08, 1 to 15 characters without padding.",
            required: true),
        FieldSpec(
            "group", word, "The code in GS02 or GS03, 2 to 15 characters; the id by default."),
    ]
    static let delimiters = [
        FieldSpec("element", sign, "Between the elements of a segment."),
        FieldSpec("repetition", sign, "Between the repetitions of an element (ISA11)."),
        FieldSpec("component", sign, "Between the components of an element (ISA16)."),
        FieldSpec("terminator", sign, "At the end of a segment."),
    ]
    static let controlNumbers = [
        FieldSpec(
            "kind", Schema.choice(["ISA", "GS", "ST"]), "Which number: ISA, GS or ST.",
            required: true),
        FieldSpec(
            "type", word,
            "Of which: for ST the type of transaction, for GS the functional id (GS01); all by "
                + "default."
        ),
        FieldSpec(
            "start", Schema.count(numbers),
            "The first number, controlNumberStart of the settings by default."),
        FieldSpec(
            "last", Schema.count(numbers),
            "The last number, controlNumberMax of the settings by default."),
        FieldSpec(
            "wrap", Schema.any,
            "on or off: whether it goes on at start after last; as the setting by default."),
    ]

    static let outcomesMax: ClosedRange<UInt64> = 1...1_000
    static let numbers: ClosedRange<UInt64> = 1...999_999_999

    private static let word = #"{"type":["string","integer"]}"#
    private static let words = #"{"type":"array","items":{"type":["string","integer"]}}"#
    private static let sign = #"{"type":"string","minLength":1,"maxLength":1}"#
    private static let types = ##"{"type":"array","items":{"$ref":"#/$defs/type"}}"##
    private static let minutes = ##"{"$ref":"#/$defs/minutes"}"##
}
