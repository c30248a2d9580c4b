export { AuthTestKit, type AuthTestKitOptions } from './auth-test-kit.js'
export {
  type AuthorizationMatrix,
  type AuthorizationMatrixOptions,
  authorizationMatrix,
  describeMatrix,
  type MatrixRow,
} from './authorization-matrix.js'
export type { KeyChoice } from './chosen-key-pair.js'
export {
  type DeniedDetails,
  type DeniedExpectation,
  expectAllowed,
  expectDenied,
  type ResponseLike,
} from './expectations.js'
export { generateRsaKeyPair, type RsaKeyOptions } from './generate-rsa-key-pair.js'
export { generateSigningKeyPair } from './generate-signing-key-pair.js'
export type { FaultOptions, IssuerEndpoint, RequestCounts } from './issuer-endpoints.js'
export { makeToken, type TokenOptions } from './make-token.js'
export type { MatrixOutcome } from './matrix-expectation.js'
export { type RunAsOptions, runAs, type TestCaller } from './run-as.js'
export type { Duration } from './seconds.js'
export type { SigningKeyPair } from './signing-key-pair.js'
export type { TestAgentClaims } from './test-agent-claims.js'
export type { ClaimOptions, TestClaims } from './test-claims.js'
export { TestIssuer, type TestIssuerOptions } from './test-issuer.js'
export type { TestSettings } from './test-settings.js'
