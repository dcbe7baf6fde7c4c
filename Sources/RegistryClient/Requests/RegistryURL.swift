package import HTTPTransport

/// The address of something in a registry, or of where a registry points to.
package typealias RegistryURL = HTTPAddress
