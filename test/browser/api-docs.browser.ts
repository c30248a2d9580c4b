import { mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { after, afterEach, before, beforeEach, describe, it } from 'mocha'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { type Demo, startDemo } from '../../examples/quickstart/demo.js'
import { chromiumPath } from './chromium.js'

const SCREENSHOTS = fileURLToPath(new URL('../../.tmp/screenshots/', import.meta.url))

describe("the page of the demo's API documentation, in a browser", () => {
  let demo: Demo
  let browser: Browser
  before(async () => {
    mkdirSync(SCREENSHOTS, { recursive: true })
    demo = await startDemo(0)
    // Root may not use the sandbox, and CI often is root.
    const args = process.getuid?.() === 0 ? ['--no-sandbox'] : []
    browser = await chromium.launch({ executablePath: chromiumPath(), args })
  })
  after(async () => {
    await browser?.close()
    await demo?.stop()
  })

  let context: BrowserContext
  let page: Page
  let complaints: string[]
  beforeEach(async () => {
    complaints = []
    context = await browser.newContext()
    page = await context.newPage()
    page.on('pageerror', (error) => complaints.push(error.message))
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text())
    })
    await page.goto(`${demo.origin}/docs`)
    await page.locator('.auth-wrapper button.authorize').waitFor()
  })
  afterEach(() => context.close())

  /** Opens the dialog, signs in at the provider, and comes back. */
  async function signIn(account: string): Promise<void> {
    await page.locator('.auth-wrapper button.authorize').click()
    const dialog = page.locator('.dialog-ux')
    const scheme = dialog.locator('.auth-container').filter({ hasText: 'authorizationCode' })
    const opened = context.waitForEvent('page')
    await scheme.locator('button.authorize').click()
    const popup = await opened
    await Promise.all([popup.waitForEvent('close'), popup.getByRole('button', { name: account }).click()])
    await scheme.locator('button', { hasText: 'Logout' }).waitFor()
    await dialog.locator('button.btn-done').first().click()
  }

  /** Tries an operation, and returns the status and the body of the answer. */
  async function tryOut(method: string, path: string): Promise<{ readonly status: number; readonly body: string }> {
    const operation = page.locator('.opblock').filter({
      has: page.locator(`[data-path="${path}"]`),
      hasText: new RegExp(`^${method}`),
    })
    await operation.locator('.opblock-summary-control').click()
    await operation.getByRole('button', { name: 'Try it out' }).click()
    await operation.getByRole('button', { name: 'Execute' }).click()
    const live = operation.locator('.live-responses-table')
    const status = await live.locator('.response .response-col_status').first().textContent()
    const body = await live.locator('.response .highlight-code, .response .microlight').first().textContent()
    return { status: Number.parseInt(status ?? '', 10), body: body ?? '' }
  }

  it('shows every route, within its policy', async () => {
    const paths = await page.locator('.opblock-summary-path').allInnerTexts()
    expect(paths.map((path) => path.replace(/[\s\u200b]/g, ''))).to.include.members([
      '/tasks/health',
      '/tasks/me',
      '/tasks/{id}',
      '/statistics',
    ])
    await page.screenshot({ path: `${SCREENSHOTS}api-docs.png`, fullPage: true })
    expect(complaints).to.deep.equal([])
  })

  it('signs an admin in, who may read the statistics', async () => {
    await signIn('admin')
    const { status, body } = await tryOut('GET', '/statistics')
    await page.screenshot({ path: `${SCREENSHOTS}admin.png`, fullPage: true })
    expect(status).to.equal(200)
    expect(body).to.contain('"total"')
    expect(complaints).to.deep.equal([])
  })

  it('signs a viewer in, who may not, and says what is missing', async () => {
    await signIn('viewer')
    const { status, body } = await tryOut('GET', '/statistics')
    await page.screenshot({ path: `${SCREENSHOTS}viewer.png`, fullPage: true })
    expect(status).to.equal(403)
    expect(body).to.contain('Requires one of roles: admin')
  })

  it('calls without a token where nobody has signed in', async () => {
    const { status } = await tryOut('GET', '/statistics')
    expect(status).to.equal(401)
  })
})
