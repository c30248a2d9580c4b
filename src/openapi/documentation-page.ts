import { posix } from 'node:path'
import type { AuthorizationEndpoints } from './authorization-endpoints.js'
import type { Documentation } from './openapi-options.js'

/** The page that Swagger UI is shown on. It has no script of its own, so that its policy allows none. */
export function pageHtml({ title, pagePath = '/docs' }: Documentation): string {
  const at = posix.basename(pagePath)
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${escaped(title)}</title>
    <link rel="stylesheet" href="${at}/swagger-ui.css">
    <link rel="icon" type="image/png" href="${at}/favicon-32x32.png">
  </head>
  <body>
    <div id="swagger-ui"></div>
    <script src="${at}/swagger-ui-bundle.js"></script>
    <script src="${at}/setup.js"></script>
  </body>
</html>
`
}

/** The script that starts Swagger UI: the document, and how to sign in. */
export function setupScript(documentation: Documentation): string {
  const { documentPath, pagePath = '/docs', clientId, scopes, authorizationParameters } = documentation
  const folder = posix.dirname(pagePath)
  const settings = {
    document: posix.relative(folder, documentPath),
    redirect: `${posix.basename(pagePath)}/oauth2-redirect.html`,
    signIn: clientId === undefined ? null : { clientId, scopes, parameters: authorizationParameters },
  }
  return `'use strict'
const settings = ${JSON.stringify(settings)}
const ui = SwaggerUIBundle({
  url: settings.document,
  dom_id: '#swagger-ui',
  deepLinking: true,
  oauth2RedirectUrl: new URL(settings.redirect, location.href).href,
  validatorUrl: null,
})
if (settings.signIn !== null) {
  ui.initOAuth({
    clientId: settings.signIn.clientId,
    scopes: settings.signIn.scopes,
    additionalQueryStringParams: settings.signIn.parameters,
    usePkceWithAuthorizationCodeGrant: true,
  })
}
`
}

/**
 * What the page may load, and whom its scripts may call: this application, and the issuers' token endpoints
 * (Content Security Policy Level 3).
 */
export function contentSecurityPolicy(
  { servers }: Documentation,
  endpoints: readonly AuthorizationEndpoints[],
): string {
  const origins = [...endpoints.map(({ tokenEndpoint }) => tokenEndpoint), ...servers].flatMap(originOf)
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    `connect-src ${["'self'", ...new Set(origins)].join(' ')}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}

function originOf(url: string): readonly string[] {
  return URL.canParse(url) ? [new URL(url).origin] : []
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] as string)
}
