import { useLayoutEffect, useRef } from 'preact/hooks';

interface Policy {
  createHTML(text: string): string;
}

/** The only way from text to markup on this page: the server's own templates, in which everything from outside is escaped. */
const policy: Policy = (
  globalThis as { readonly trustedTypes?: { createPolicy(name: string, rules: Policy): Policy } }
).trustedTypes?.createPolicy('maskloom', { createHTML: (text) => text }) ?? { createHTML: (text) => text };

/** Markup that the server's report templates made. */
export function Markup({ text }: { readonly text: string }) {
  const element = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    if (element.current !== null) element.current.innerHTML = policy.createHTML(text);
  }, [text]);
  return <div ref={element} class="markup" />;
}
