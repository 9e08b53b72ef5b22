import js from '@eslint/js';
import tseslint from 'typescript-eslint';

export default tseslint.config(
    { ignores: ['node_modules', 'test-results', 'playwright-report'] },
    js.configs.recommended,
    ...tseslint.configs.strict,
    {
        rules: {
            // Text of a model is hostile: it never becomes markup or code.
            'no-restricted-properties': [
                'error',
                ...['innerHTML', 'outerHTML', 'insertAdjacentHTML'].map((property) => ({
                    property,
                    message: 'Use text nodes and elements.',
                })),
                { object: 'document', property: 'write', message: 'Use text nodes and elements.' },
            ],
            'no-eval': 'error',
            'no-implied-eval': 'error',
        },
    },
    {
        files: ['build/**/*.mjs', '*.config.mjs'],
        languageOptions: { globals: { process: 'readonly', console: 'readonly' } },
    },
);
