/// The JSON Schema of files in `schedules/`, from which editors complete and check.
///
/// It is made from the same tables that the loader reads by, and accepts all that the loader
/// accepts; the loader checks more (zones, cron, names, templates).
public enum ScheduleSchema {
    /// The schema as JSON (draft 2020-12), to be kept at `config/schemas/schedule.schema.json`.
    public static var text: String {
        let duration =
            #"{"anyOf":[{"type":"integer","minimum":0},"#
            + #"{"type":"string","pattern":"^[0-9PTDHMSdhms]+$"}]}"#
        let values =
            #"{"type":"object","additionalProperties":{"type":["string","number","boolean"]}}"#
        let rules =
            #""allOf":[{"oneOf":["#
            + (TriggerReader.kinds + ["triggers"])
            .map { #"{"required":["\#($0)"]}"# }.joined(separator: ",")
            + #"]},{"oneOf":[{"required":["target"]},{"required":["targetPipeline"]}]}],"#
            + #""dependentRequired":{"parameters":["targetPipeline"]}"#
        let definitions = [
            ("name", name), ("duration", duration), ("values", values),
            ("job", object(JobFields.job, rules)),
            ("trigger", object(TriggerReader.fields)),
            ("exclusion", object(JobFields.exclusion)),
            ("target", object(JobFields.target)),
            ("dependency", object(JobFields.dependency)),
            ("alerts", object(JobFields.alerts)),
            ("backoff", object(JobFields.backoff)),
            ("failureAlert", object(JobFields.failureAlert)),
            ("reminder", object(JobFields.reminder)),
            ("forEach", object(FanOut.fields)), ("files", object(JobFields.files)),
            ("override", override),
        ]
        let defs = definitions.map { "    \"\($0)\": \($1)" }.joined(separator: ",\n")
        return """
            {
              "$schema": "https://json-schema.org/draft/2020-12/schema",
              "title": "Daybook schedules",
              "type": "object",
              "properties": {
            \(properties(JobFields.file, indent: "    "))
              },
              "additionalProperties": false,
              "anyOf": [{"required": ["jobs"]}, {"required": ["overrides"]}],
              "$defs": {
            \(defs)
              }
            }

            """
    }

    /// A name, as `Values.identifier` reads it.
    static let name = #"{"type":"string","minLength":1,"maxLength":128,"pattern":"^[^/]+$"}"#

    static func object(_ specs: [FieldSpec], _ rules: String = "") -> String {
        let required = specs.filter(\.isRequired).map { "\"\($0.name)\"" }.joined(separator: ",")
        var text = "{\n      \"type\": \"object\",\n      \"properties\": {\n"
        text += properties(specs, indent: "        ") + "\n      },\n"
        if !required.isEmpty { text += "      \"required\": [\(required)],\n" }
        if !rules.isEmpty { text += "      \(rules),\n" }
        return text + "      \"additionalProperties\": false\n    }"
    }

    /// An override may hold any part of a schedule, and `null` to take a part away.
    private static var override: String {
        let names = JobFields.job.map { "\"\($0.name)\"" }.joined(separator: ",")
        return "{\"type\":\"object\",\"required\":[\"jobId\"],"
            + "\"propertyNames\":{\"enum\":[\(names)]}}"
    }

    static func properties(_ specs: [FieldSpec], indent: String) -> String {
        specs.map { spec in
            let summary = spec.summary.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
            let lead = "\(indent)\"\(spec.name)\": {\"description\":\"\(summary)\""
            return lead + (spec.schema == "{}" ? "}" : "," + spec.schema.dropFirst())
        }.joined(separator: ",\n")
    }
}
