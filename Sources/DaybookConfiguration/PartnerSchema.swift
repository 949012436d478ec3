import X12

/// The JSON Schema of files in `partners/`, from which editors complete and check.
///
/// It is made from the same table that the loader reads by, and accepts all that the loader
/// accepts; the loader checks more (lengths, windows, contacts, other partners).
public enum PartnerSchema {
    /// The schema as JSON (draft 2020-12), to be kept at `config/schemas/partner.schema.json`.
    public static var text: String {
        let types = TransactionType.allCases.map(\.rawValue)
        // YAML takes a type without letters for a number.
        let numbers = types.filter { Int($0) != nil }
        let values = types.map { "\"\($0)\"" } + numbers
        let minutes =
            #"{"type":"object","propertyNames":{"enum":["#
            + types.map { "\"\($0)\"" }.joined(separator: ",")
            + #"]},"additionalProperties":{"type":"integer","minimum":0}}"#
        let definitions = [
            ("name", ScheduleSchema.name),
            (
                "partnerName",
                #"{"type":["string","integer"],"maxLength":15,"pattern":"^[A-Za-z0-9._-]+$"}"#
            ),
            ("type", "{\"enum\":[" + values.joined(separator: ",") + "]}"),
            ("minutes", minutes),
            ("identity", ScheduleSchema.object(PartnerFields.identity)),
            ("delimiters", ScheduleSchema.object(PartnerFields.delimiters)),
            ("controlNumbers", ScheduleSchema.object(PartnerFields.controlNumbers)),
        ]
        let defs = definitions.map { "    \"\($0)\": \($1)" }.joined(separator: ",\n")
        let required = PartnerFields.partner.filter(\.isRequired).map { "\"\($0.name)\"" }
            .joined(separator: ",")
        return """
            {
              "$schema": "https://json-schema.org/draft/2020-12/schema",
              "title": "A trading partner of Daybook",
              "type": "object",
              "properties": {
            \(ScheduleSchema.properties(PartnerFields.partner, indent: "    "))
              },
              "required": [\(required)],
              "additionalProperties": false,
              "$defs": {
            \(defs)
              }
            }

            """
    }
}
