import { acceptedIssuers } from '../../authentication/issuer-selection.js'
import type { AuthClientSettings } from '../../config/auth-client-settings.js'
import { type Finding, ok, problem, warning } from './finding.js'

const LONG_TOLERANCE_SECONDS = 60
const LONG_STALENESS_SECONDS = 86_400

/** What settings say that is worth a second look. That they can be read at all has been found out before. */
export function settingsFindings(settings: AuthClientSettings, isProduction: boolean): readonly Finding[] {
  const grave = isProduction ? problem : warning
  const { clockToleranceSeconds: tolerance, jwksMaxStaleSeconds: maxStale } = settings
  const checks: readonly (Finding | false)[] = [
    !settings.enabled && grave('auth_client.enabled is false: every route is open', 'set it to true, or leave it out.'),
    settings.devKeys &&
      grave('auth_client.dev_keys is true: development tokens are accepted', 'leave it out where others can connect.'),
    settings.enabled &&
      acceptedIssuers(settings).some(({ issuer }) => issuer.startsWith('http:')) &&
      grave('the issuer is on this machine (http)', 'set auth_client.issuer to the https URL of the real one.'),
    settings.enabled &&
      acceptedIssuers(settings).some(({ jwksEndpoint }) => jwksEndpoint.startsWith('http:')) &&
      grave(
        "the issuer's keys are taken from this machine (http)",
        'set auth_client.jwks_endpoint to an https URL of the issuer, or leave it out.',
      ),
    settings.revocationFailOpen &&
      warning(
        'auth_client.revocation_fail_open is true: while the list cannot be fetched, revoked tokens may be accepted',
        'leave it out where revocation has to hold.',
      ),
    settings.revocationEndpoint !== '' &&
      settings.revocationBearer === '' &&
      warning(
        'auth_client.revocation_bearer is empty: the list of revoked tokens is public',
        'protect the endpoint, and give the token for it.',
      ),
    tolerance > LONG_TOLERANCE_SECONDS &&
      warning(
        `auth_client.clock_tolerance_seconds is ${tolerance}: tokens are good that much longer than they say`,
        `synchronise the clocks, and allow for ${LONG_TOLERANCE_SECONDS} at most.`,
      ),
    maxStale > LONG_STALENESS_SECONDS &&
      warning(
        `auth_client.jwks_max_stale_seconds is ${maxStale}: a withdrawn key counts that long while the issuer is down`,
        `lower it; ${LONG_STALENESS_SECONDS} is a day.`,
      ),
    settings.scopeWildcards &&
      warning(
        'auth_client.scope_wildcards is true: a granted scope * covers everything',
        'make sure that the issuer grants such scopes to nobody but those who are meant.',
      ),
    isProduction &&
      !settings.requireExplicit &&
      warning(
        'auth_client.require_explicit is false: a route that nobody decorated takes any valid token',
        'set it to true, or check the routes with a lock file: inversify-koa-auth routes --check --explicit.',
      ),
  ]
  const findings = checks.filter((check) => check !== false)
  return findings.length === 0 ? [ok('nothing in them is risky')] : findings
}
