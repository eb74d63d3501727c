package wavegate.bootstrap.plan;

import java.nio.charset.StandardCharsets;

/** What a device proves itself with to an LwM2M server, as the Security object holds it. Never shows a secret. */
public sealed interface Keys {
    /** Code of Security Mode, /0/x/2. */
    int mode();

    /** Public Key or Identity, /0/x/3. */
    byte[] publicKeyOrIdentity();

    /** Server Public Key, /0/x/4; empty if there is none to check. */
    byte[] serverPublicKey();

    /** Secret Key, /0/x/5. */
    byte[] secret();

    record NoSec() implements Keys {
        @Override
        public int mode() {
            return 3;
        }

        @Override
        public byte[] publicKeyOrIdentity() {
            return new byte[0];
        }

        @Override
        public byte[] serverPublicKey() {
            return new byte[0];
        }

        @Override
        public byte[] secret() {
            return new byte[0];
        }
    }

    record Psk(String identity, byte[] key) implements Keys {
        @Override
        public int mode() {
            return 0;
        }

        @Override
        public byte[] publicKeyOrIdentity() {
            return identity.getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public byte[] serverPublicKey() {
            return new byte[0];
        }

        @Override
        public byte[] secret() {
            return key;
        }

        @Override
        public String toString() {
            return "Psk[" + identity + "]";
        }
    }

    /** SubjectPublicKeyInfo of both sides and the device's PKCS #8 private key, in DER. */
    record Rpk(byte[] publicKeyOrIdentity, byte[] secret, byte[] serverPublicKey) implements Keys {
        @Override
        public int mode() {
            return 1;
        }

        @Override
        public String toString() {
            return "Rpk";
        }
    }

    /** Certificates of both sides and the device's PKCS #8 private key, in DER. */
    record X509(byte[] publicKeyOrIdentity, byte[] secret, byte[] serverPublicKey) implements Keys {
        @Override
        public int mode() {
            return 2;
        }

        @Override
        public String toString() {
            return "X509";
        }
    }
}
