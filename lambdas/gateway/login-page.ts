import { createHash } from 'node:crypto';
import type { PageAnswer } from '../shared/page-answer.ts';

const STYLE = `
:root { color-scheme: light dark; --ink: #16202a; --paper: #f6f8fa; --card: #fff; --line: #8a95a1; --go: #0b5cad; --bad: #b3261e; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8edf2; --paper: #12171c; --card: #1c232a; --line: #7d8995; --go: #7db8f5; --bad: #ff9d94; }
}
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { width: min(26rem, calc(100vw - 2rem)); padding: 2rem; background: var(--card); border: 1px solid var(--line); border-radius: .5rem; }
h1 { margin: 0 0 1rem; font-size: 1.4rem; }
label { display: block; font-weight: 600; }
input { width: 100%; margin: .25rem 0 1rem; padding: .6rem; color: inherit; background: var(--paper); border: 1px solid var(--line); border-radius: .25rem; font: inherit; }
button { padding: .6rem 1.2rem; color: var(--card); background: var(--go); border: 0; border-radius: .25rem; font: inherit; font-weight: 600; cursor: pointer; }
a { color: var(--go); }
:focus-visible { outline: 3px solid var(--go); outline-offset: 2px; }
code { overflow-wrap: anywhere; }
.error { color: var(--bad); font-weight: 600; }
`;

/** Follows the page's one link and takes the fragment along, in which the UI keeps its place. */
const GO_ON = "location.replace(document.getElementById('on').href + location.hash);";

const hashOf = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
/** Nothing but this very style sheet, forms to where the page comes from, and at most the one script. */
const policy = (script?: string) =>
  [
    "default-src 'none'",
    `style-src ${hashOf(STYLE)}`,
    ...(script === undefined ? [] : [`script-src ${hashOf(script)}`]),
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');

/** The form for a token. It sends to its own address, so that `next` and the fragment, which the UI lives in, stay. */
export const loginForm = (status: number, error?: string): PageAnswer =>
  document(status, {
    title: 'Log in to Millrace',
    body: `${error === undefined ? '' : `<p class="error" id="error" role="alert">${escaped(error)}</p>`}
<form method="post">
<label for="token">API token</label>
<input id="token" name="token" type="password" autocomplete="current-password" required autofocus${
      error === undefined ? '' : ' aria-invalid="true" aria-describedby="error"'
    }>
<button type="submit">Log in</button>
</form>
<p>A token begins with <code>mlr_</code>. Whoever has the role operator makes one with <code>millrace token create</code>.</p>`,
  });

/** What somebody sees who is logged in already. */
export const loggedIn = (tokenId: string, next: string): PageAnswer =>
  document(200, {
    title: 'You are logged in to Millrace',
    body: `<p>With the token <code>${escaped(tokenId)}</code>.</p>
<p><a href="${escaped(next)}">Go on</a></p>
<form method="post" action="logout"><button type="submit">Log out</button></form>`,
  });

/**
 * For somebody who follows a link from another site, whose browser keeps the cookie back (`SameSite=Strict`): going on
 * from here, it sends it. Who has none comes back to the form.
 */
export const fromElsewhere = (next: string): PageAnswer =>
  document(200, {
    title: 'On to Millrace',
    body: `<p><a id="on" href="${escaped(next)}">Go on</a></p>`,
    script: GO_ON,
  });

interface Parts {
  title: string;
  body: string;
  script?: string;
}

const document = (status: number, { title, body, script }: Parts): PageAnswer => ({
  status,
  headers: { 'content-security-policy': policy(script) },
  html: `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${title}</h1>
${body}
</main>${
    script === undefined
      ? ''
      : `
<script>${script}</script>`
  }
</body>
</html>
`,
});

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escaped = (text: string) => text.replace(/[&<>"']/g, (each) => ENTITIES[each] as string);
