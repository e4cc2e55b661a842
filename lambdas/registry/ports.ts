/**
 * The stage's signing key, ECDSA over P-256 with SHA-256: `kmsSigner` of lambdas/shared/aws on AWS, a key pair in
 * memory in tests. Its errors are the shared ones: ServiceThrottled, ServiceUnavailable.
 */
export interface Sign {
  /** The public half, SubjectPublicKeyInfo in PEM: all that a verifier needs. */
  publicKeyPem(): Promise<string>;
  /** The DER signature over the bytes. Two calls give two different signatures, both good. */
  sign(bytes: Uint8Array): Promise<Uint8Array>;
}
