/** Lint rule: a source file is one idea; past 500 lines it is refused. Past 300 it is a smell. */
const LIMIT = 500;

/** @type {import('eslint').Rule.RuleModule} */
export const fileLength = {
  meta: {
    type: 'suggestion',
    messages: { long: `{{lines}} lines; a file is one idea, at most ${LIMIT}.` },
    schema: [],
  },
  create(context) {
    return {
      Program(node) {
        const lines = context.sourceCode.lines.length;
        if (lines > LIMIT) context.report({ node, messageId: 'long', data: { lines: String(lines) } });
      },
    };
  },
};
