import { escapeHtml } from '../http/html.ts';

const STYLE = `
  body { margin: 0; background: #f1f2f4; color: #172b4d; font: 15px/1.5 system-ui, sans-serif; }
  main { max-width: 30rem; margin: 2.5rem auto; padding: 1.75rem 2rem; background: #fff; border-radius: 8px;
         box-shadow: 0 1px 4px rgb(9 30 66 / 25%); }
  main.wide { max-width: 52rem; }
  h1 { margin: 0 0 1rem; font-size: 1.3rem; } h2 { margin: 1.4rem 0 .4rem; font-size: 1rem; }
  ul { margin: 0; padding-left: 1.2rem; } pre { overflow: auto; padding: .75rem; background: #f1f2f4; }
  .notice { padding: .75rem 1rem; background: #fff7d6; border-left: 4px solid #cf9f02; }
  .error { padding: .75rem 1rem; background: #ffeceb; border-left: 4px solid #c9372c; }
  .muted { color: #505f79; } .choice { display: block; padding: .35rem 0; }
  select { width: 100%; padding: .5rem; font: inherit; }
  .actions { display: flex; gap: .75rem; margin-top: 1.5rem; }
  button { padding: .55rem 1.4rem; border: 1px solid #8590a2; border-radius: 4px; background: #fff; font: inherit;
           cursor: pointer; }
  button.primary { border-color: #0c66e4; background: #0c66e4; color: #fff; }
  table { border-collapse: collapse; } td, th { border: 1px solid #c1c7d0; padding: .3rem .6rem; text-align: left; }
`;

/** A whole page around `content`, which is HTML. */
export function layout(title: string, content: string, wide = false): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title><style>${STYLE}</style></head>
<body><main${wide ? ' class="wide"' : ''}>
${content}
</main></body></html>
`;
}
