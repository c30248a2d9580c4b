import type { Provider } from 'oidc-provider'

/**
 * The `oidc-provider` package, without the complaint it prints about Node.js 20 while it loads.
 *
 * Its author supports Node.js 22 and later. The few parts the demo uses work on 20.19 too, so on that
 * version the line would only look like a fault of the demo. Every other warning comes through.
 */
export async function loadOidcProvider(): Promise<typeof Provider> {
  const warn = console.warn
  console.warn = (...message: unknown[]) => {
    if (!String(message[0]).includes('Unsupported runtime')) warn(...message)
  }
  try {
    return (await import('oidc-provider')).Provider
  } finally {
    console.warn = warn
  }
}
