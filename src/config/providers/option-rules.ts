import { isSecureUrl } from '../secure-url.js'
import type { OptionRule } from './provider.js'

const HOST = /^[a-z\d]([a-z\d.-]*[a-z\d])?(:\d{1,5})?$/i

/** Any text. */
export const TEXT: OptionRule = { isRequired: true, expectation: () => undefined }

/** One or several texts. */
export const TEXTS: OptionRule = { ...TEXT, isList: true }

/** One part of a path, such as an id: what has a meaning of its own in URLs can't be meant. */
export const SEGMENT: OptionRule = {
  isRequired: true,
  expectation: (value) => (/^[\w.~-]+$/.test(value) ? undefined : 'must be an id, without slashes, spaces or the like'),
}

/** An https URL (http only for loopback hosts). Slashes at its end make no difference. */
export const BASE_URL: OptionRule = {
  isRequired: true,
  expectation: (value) =>
    isSecureUrl(value) ? undefined : 'must be an https URL (http only for loopback hosts), without query or fragment',
}

/** A host's name. `https://` before and a slash after make no difference. */
export const DOMAIN: OptionRule = {
  isRequired: true,
  expectation: (value) => (HOST.test(host(value)) ? undefined : 'must be a domain, such as example.eu.auth0.com'),
}

/** The same rule for what may be left out. */
export function optional(rule: OptionRule): OptionRule {
  return { ...rule, isRequired: false }
}

/** What is left of a domain that was copied from a browser's address bar. */
export function host(domain: string): string {
  return domain.replace(/^https:\/\//i, '').replace(/\/+$/, '')
}

/** A URL without slashes at its end. */
export function trimmed(url: string): string {
  return url.replace(/\/+$/, '')
}
