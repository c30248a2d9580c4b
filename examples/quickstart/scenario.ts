import type { Call } from './call.js'

const preflight = { origin: 'https://app.example.com', 'access-control-request-method': 'POST' }

/** What each caller tries, and the answer the rules in `task-controller.ts` owe them. */
export const scenario: readonly Call[] = [
  { caller: 'admin', method: 'GET', path: '/tasks/me', expected: 200 },
  { caller: 'admin', method: 'GET', path: '/tasks', expected: 200 },
  { caller: 'admin', method: 'POST', path: '/tasks', body: { title: 'Feed the cat' }, expected: 201 },
  { caller: 'admin', method: 'POST', path: '/tasks', body: { title: '' }, expected: 422 },
  { caller: 'admin', method: 'PUT', path: '/tasks/2/done', expected: 200 },
  { caller: 'admin', method: 'DELETE', path: '/tasks/3', expected: 200 },
  { caller: 'admin', method: 'GET', path: '/statistics', expected: 200 },
  { caller: 'admin', method: 'GET', path: '/nowhere', expected: 404 },
  { caller: 'admin', method: 'PATCH', path: '/tasks', expected: 405 },

  { caller: 'viewer', method: 'GET', path: '/tasks/me', expected: 200 },
  { caller: 'viewer', method: 'GET', path: '/tasks', expected: 200 },
  { caller: 'viewer', method: 'POST', path: '/tasks', body: { title: 'Sleep' }, expected: 403 },
  { caller: 'viewer', method: 'PUT', path: '/tasks/2/done', expected: 200 },
  { caller: 'viewer', method: 'PUT', path: '/tasks/1/done', expected: 403 },
  { caller: 'viewer', method: 'DELETE', path: '/tasks/1', expected: 403 },
  { caller: 'viewer', method: 'GET', path: '/statistics', expected: 403 },

  { caller: 'forger', method: 'DELETE', path: '/tasks/1', expected: 401 },

  { caller: 'nobody', method: 'GET', path: '/tasks/health', expected: 200 },
  { caller: 'nobody', method: 'GET', path: '/tasks/me', expected: 401 },
  { caller: 'nobody', method: 'POST', path: '/tasks', body: { title: 'Sleep' }, expected: 401 },
  { caller: 'nobody', method: 'DELETE', path: '/tasks/1', expected: 401 },
  { caller: 'nobody', method: 'GET', path: '/nowhere', expected: 401 },
  { caller: 'nobody', method: 'OPTIONS', path: '/tasks', headers: preflight, expected: 204 },
]
