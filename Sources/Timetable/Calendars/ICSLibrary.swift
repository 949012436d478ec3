import CIcal
import Synchronization

/// A component of an iCalendar file, such as `VEVENT`, as libical reads it.
struct ICSComponent: Sendable {
    var name: String
    var properties: [ICSProperty] = []
    var components: [ICSComponent] = []

    /// The first property of a name.
    func first(_ name: String) -> ICSProperty? { properties.first { $0.name == name } }

    /// All properties of a name, in the order of the file.
    func all(_ name: String) -> [ICSProperty] { properties.filter { $0.name == name } }
}

/// A property with its value as text, and those of its parameters that matter here.
struct ICSProperty: Sendable {
    var name: String
    var value: String
    var parameters: [String: String] = [:]
}

/// The one place that calls libical: text in, a tree of values out.
///
/// Nothing of libical's memory leaves this file. A lock lets one thread in at a time: the library
/// keeps state of its own, such as the last error.
enum ICSLibrary {
    private static let lock = Mutex(())
    private static let parameters = ["TZID", "RANGE"]

    /// Reads prepared text: no zero byte, and components nested only a few deep, since libical
    /// goes down by recursion.
    static func parse(_ text: String) -> ICSComponent? {
        lock.withLock { _ in
            icalerror_set_errors_are_fatal(0)
            // Safe: libical copies what it keeps of the text, and the tree is ours until it is
            // freed; both stay inside this closure. The ring holds its temporary texts.
            guard let root = text.withCString({ icalparser_parse_string($0) }) else { return nil }
            defer {
                icalcomponent_free(root)
                icalmemory_free_ring()
            }
            return component(root)
        }
    }

    /// Safe: `pointer` is a live component of the tree that `parse` holds.
    private static func component(_ pointer: OpaquePointer) -> ICSComponent {
        let name = icalcomponent_kind_to_string(icalcomponent_isa(pointer))
        var component = ICSComponent(name: name.map { String(cString: $0) } ?? "")
        var property = icalcomponent_get_first_property(pointer, ICAL_ANY_PROPERTY)
        while let current = property {
            component.properties.append(self.property(current))
            property = icalcomponent_get_next_property(pointer, ICAL_ANY_PROPERTY)
        }
        var child = icalcomponent_get_first_component(pointer, ICAL_ANY_COMPONENT)
        while let current = child {
            component.components.append(self.component(current))
            child = icalcomponent_get_next_component(pointer, ICAL_ANY_COMPONENT)
        }
        return component
    }

    /// Safe: `pointer` is a live property of the tree that `parse` holds.
    private static func property(_ pointer: OpaquePointer) -> ICSProperty {
        var property = ICSProperty(
            name: owned(icalproperty_get_property_name_r(pointer)).uppercased(), value: "")
        let value = icalproperty_get_value(pointer)
        if let value, icalvalue_isa(value) == ICAL_TEXT_VALUE, let text = icalvalue_get_text(value)
        {
            property.value = String(cString: text)  // Unescaped.
        } else {
            property.value = owned(icalproperty_get_value_as_string_r(pointer))
        }
        for name in parameters {
            let text = owned(icalproperty_get_parameter_as_string_r(pointer, name))
            let isQuoted = text.count > 1 && text.hasPrefix("\"") && text.hasSuffix("\"")
            if !text.isEmpty {
                property.parameters[name] = isQuoted ? String(text.dropFirst().dropLast()) : text
            }
        }
        return property
    }

    /// Safe: the functions ending in `_r` give a buffer that the caller frees with libical.
    private static func owned(_ buffer: UnsafeMutablePointer<CChar>?) -> String {
        guard let buffer else { return "" }
        defer { icalmemory_free_buffer(buffer) }
        return String(cString: buffer)
    }
}
