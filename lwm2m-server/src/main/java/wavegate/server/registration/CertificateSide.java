package wavegate.server.registration;

/** What serves devices with public keys and certificates: who the server is to them, and whose certificates it trusts. */
public record CertificateSide(ServerIdentity identity, TenantAuthorities tenants) {}
