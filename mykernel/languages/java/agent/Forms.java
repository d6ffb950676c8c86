package mykernel;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.reflect.Array;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.imageio.ImageIO;

/** What a value looks like: text, and richer forms by methods of its own. */
class Forms {
    private static final Map<String, String> METHODS = new LinkedHashMap<>();
    private static final Map<String, String> SUFFIXES = Map.of(
            "text/plain", "txt", "text/html", "html", "text/markdown", "md", "text/latex", "tex",
            "image/svg+xml", "svg", "image/png", "png", "image/jpeg", "jpg", "application/json", "json");
    // Of an array or a collection, and characters of a whole text.
    private static final int MOST = 1000;
    private static final int LONGEST = 200_000;

    static {
        METHODS.put("toHTML", "text/html");
        METHODS.put("toMarkdown", "text/markdown");
        METHODS.put("toLaTeX", "text/latex");
        METHODS.put("toSVG", "image/svg+xml");
        METHODS.put("toPNG", "image/png");
        METHODS.put("toJPEG", "image/jpeg");
        METHODS.put("toJSON", "application/json");
    }

    /** Leaves a cell's result where the kernel looks for it. */
    static void leave(Object value) throws IOException {
        for (Map.Entry<String, byte[]> form : of(value).entrySet()) {
            Files.write(Agent.folder.resolve("result." + SUFFIXES.get(form.getKey())), form.getValue());
        }
    }

    /** By MIME type; text/plain is always there. */
    static Map<String, byte[]> of(Object value) throws IOException {
        Map<String, byte[]> forms = new LinkedHashMap<>();
        forms.put("text/plain", bytes(limited(text(value))));
        if (value instanceof BufferedImage image) {
            ByteArrayOutputStream png = new ByteArrayOutputStream();
            ImageIO.write(image, "png", png);
            forms.put("text/plain", bytes("image of " + image.getWidth() + " x " + image.getHeight()));
            forms.put("image/png", png.toByteArray());
        } else if (value != null && !isOfJava(value.getClass())) {
            METHODS.forEach((name, mime) -> {
                Object made = made(value, name);
                if (made != null) forms.put(mime, made instanceof byte[] data ? data : bytes(made.toString()));
            });
        }
        return forms;
    }

    static Map<String, byte[]> of(String mime, Object value) {
        if (mime.isEmpty() || !mime.matches("[\\w.+-]+/[\\w.+-]+")) {
            throw new IllegalArgumentException("not a MIME type: " + mime);
        }
        return Map.of(mime, value instanceof byte[] data ? data : bytes(String.valueOf(value)));
    }

    /** What a method without parameters returns, null where there is none. */
    private static Object made(Object value, String name) {
        Method method = null;
        for (Class<?> type = value.getClass(); type != null && method == null; type = type.getSuperclass()) {
            method = method(type, name);
            for (Class<?> one : type.getInterfaces()) method = method == null ? method(one, name) : method;
        }
        if (method == null || !method.trySetAccessible()) return null;
        try {
            return method.invoke(value);
        } catch (InvocationTargetException e) {
            throw Forms.<RuntimeException>unchecked(e.getCause());
        } catch (IllegalAccessException e) {
            return null;
        }
    }

    private static Method method(Class<?> type, String name) {
        try {
            return type.getDeclaredMethod(name);
        } catch (NoSuchMethodException e) {
            return null;
        }
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> T unchecked(Throwable thrown) throws T {
        throw (T) thrown;
    }

    private static boolean isOfJava(Class<?> type) {
        ClassLoader loader = type.getClassLoader();
        return loader == null || loader == ClassLoader.getPlatformClassLoader();
    }

    /** As it would stand in code, where it may: strings in quotes, arrays with their elements. */
    static String text(Object value) {
        if (value instanceof String text) return "\"" + escaped(text, '"') + "\"";
        if (value instanceof Character unit) return "'" + escaped(unit.toString(), '\'') + "'";
        return Trace.tidy(inner(value, Collections.newSetFromMap(new IdentityHashMap<>())));
    }

    private static String escaped(String text, char quote) {
        StringBuilder escaped = new StringBuilder();
        for (char unit : text.toCharArray()) {
            int at = "\n\t\r\b\f".indexOf(unit);
            if (unit == quote || unit == '\\') escaped.append('\\').append(unit);
            else if (at >= 0) escaped.append('\\').append("ntrbf".charAt(at));
            else if (unit < ' ' || unit == 127) escaped.append(String.format("\\u%04x", (int) unit));
            else escaped.append(unit);
        }
        return escaped.toString();
    }

    /** outer: what it stands in, which may be itself. */
    private static String inner(Object value, Set<Object> outer) {
        boolean array = value != null && value.getClass().isArray();
        boolean holder = (value instanceof Collection || value instanceof Map) && isOfJava(value.getClass());
        if (!array && !holder) return String.valueOf(value);
        if (!outer.add(value)) return array ? "[...]" : "(this " + value.getClass().getSimpleName() + ")";
        List<String> shown = new ArrayList<>();
        int length;
        if (array) {
            length = Array.getLength(value);
            for (int i = 0; i < Math.min(length, MOST); i++) shown.add(inner(Array.get(value, i), outer));
        } else if (value instanceof Map<?, ?> map) {
            length = map.size();
            map.entrySet().stream().limit(MOST).forEach(entry ->
                    shown.add(inner(entry.getKey(), outer) + "=" + inner(entry.getValue(), outer)));
        } else {
            length = ((Collection<?>) value).size();
            ((Collection<?>) value).stream().limit(MOST).forEach(one -> shown.add(inner(one, outer)));
        }
        outer.remove(value);
        if (length > shown.size()) shown.add("... " + (length - shown.size()) + " more");
        String joined = String.join(", ", shown);
        return value instanceof Map ? "{" + joined + "}" : "[" + joined + "]";
    }

    private static String limited(String text) {
        return text.length() <= LONGEST ? text
                : text.substring(0, LONGEST) + "... (" + text.length() + " characters)";
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
