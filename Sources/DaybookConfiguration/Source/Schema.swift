/// Pieces of JSON Schema that several fields share.
enum Schema {
    static let any = "{}"
    static let text = #"{"type":"string"}"#
    static let texts = #"{"type":"array","items":{"type":"string"},"minItems":1}"#
    static let flag = #"{"type":"boolean"}"#
    static let identifier = ##"{"$ref":"#/$defs/name"}"##
    static let identifiers = ##"{"type":"array","items":{"$ref":"#/$defs/name"}}"##
    static let duration = ##"{"$ref":"#/$defs/duration"}"##
    static let values = ##"{"$ref":"#/$defs/values"}"##

    static func count(_ range: ClosedRange<UInt64>) -> String {
        #"{"type":"integer","minimum":\#(range.lowerBound),"maximum":\#(range.upperBound)}"#
    }

    static func choice(_ values: [String]) -> String {
        "{\"enum\":[" + values.map { "\"\($0)\"" }.joined(separator: ",") + "]}"
    }
}
