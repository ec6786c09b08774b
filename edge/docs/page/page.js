/* global SwaggerUIBundle */
SwaggerUIBundle({
  url: '/sapi/openapi.json',
  dom_id: '#reference',
  deepLinking: true,
  docExpansion: 'list',
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  filter: true,
  syntaxHighlight: { activated: true, theme: 'agate' },
  tryItOutEnabled: false,
  persistAuthorization: false,
  validatorUrl: null,
  oauth2RedirectUrl: `${location.origin}/docs/api/oauth2-redirect.html`,
  onComplete: () => document.documentElement.setAttribute('data-ready', ''),
}).initOAuth({ usePkceWithAuthorizationCodeGrant: true, scopes: 'sapi' })
