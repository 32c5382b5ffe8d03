# إجابات البوابة نفسها؛ مهذبة وقصيرة لأن أمين الصندوق يقرؤها.
gateway-authorization-repeated = يوجد أكثر من مفتاح
gateway-authorization-repeated-detail = يرجى إرسال ترويسة Authorization واحدة فقط.
gateway-authorization-malformed = تعذرت قراءة المفتاح
gateway-authorization-malformed-detail = يرجى إرسال ترويسة Authorization على شكل Bearer ثم مسافة ثم المفتاح.
gateway-key-unknown = هذا المفتاح غير معروف
gateway-key-unknown-detail = يرجى التحقق من المفتاح أو طلب مفتاح جديد من مشغّل المنصة.
gateway-till-key-revoked = أُلغي مفتاح هذا الصندوق
gateway-till-key-revoked-detail = يرجى طلب مفتاح جديد من مشغّل المنصة.
gateway-keys-unavailable = لا يمكن التحقق من المفتاح الآن
gateway-keys-unavailable-detail = يرجى المحاولة بعد لحظات. لم يُسجَّل شيء.
gateway-rate-limited = عدد الطلبات كبير جدًا
gateway-rate-limited-detail = { $seconds ->
    [one] يرجى الانتظار ثانية واحدة ثم المحاولة مرة أخرى.
    [two] يرجى الانتظار ثانيتين ثم المحاولة مرة أخرى.
    [few] يرجى الانتظار { $seconds } ثوانٍ ثم المحاولة مرة أخرى.
   *[other] يرجى الانتظار { $seconds } ثانية ثم المحاولة مرة أخرى.
}
gateway-service-down = الخدمة غير متاحة الآن
gateway-service-down-detail = لم يُسجَّل شيء. يرجى المحاولة بعد لحظات.
gateway-service-late = استغرق الرد وقتًا أطول من اللازم
gateway-service-late-detail = قد تكون العملية سُجِّلت. يرجى إرسال الطلب نفسه مرة أخرى؛ فلن يُحتسب إلا مرة واحدة.
gateway-service-broke-off = انقطع الاتصال
gateway-service-broke-off-detail = قد تكون العملية سُجِّلت. يرجى إرسال الطلب نفسه مرة أخرى؛ فلن يُحتسب إلا مرة واحدة.
gateway-token-invalid = رمز الوصول غير مقبول
gateway-token-invalid-detail = لم يصدر هذا الرمز عنا. يرجى تسجيل الدخول مجددًا.
gateway-token-lapsed = انتهت مدة رمز الوصول
gateway-token-lapsed-detail = يرجى متابعة الدخول برمز التجديد.
gateway-session-ended = أُنهي هذا الدخول
gateway-session-ended-detail = يرجى تسجيل الدخول مجددًا.
gateway-overloaded = المنصة مشغولة جدًا الآن
gateway-overloaded-detail = { $seconds ->
    [one] لم يُسجَّل شيء. يرجى المحاولة مرة أخرى بعد ثانية واحدة.
    [two] لم يُسجَّل شيء. يرجى المحاولة مرة أخرى بعد ثانيتين.
    [few] لم يُسجَّل شيء. يرجى المحاولة مرة أخرى بعد { $seconds } ثوانٍ.
   *[other] لم يُسجَّل شيء. يرجى المحاولة مرة أخرى بعد { $seconds } ثانية.
}
gateway-till-key-plain = لا يُقبل المفتاح البسيط
gateway-till-key-plain-detail = صناديق هذه السلسلة توقّع طلباتها. يرجى تسجيل الصندوق برمز من الإدارة.
gateway-signature-malformed = تعذرت قراءة التوقيع
gateway-signature-malformed-detail = يرجى التحقق من الترويسات Signature-Input وSignature وContent-Digest.
gateway-signature-incomplete = التوقيع لا يشمل كل ما يلزم
gateway-signature-incomplete-detail = يجب أن يشمل أيضًا: { $missing }.
gateway-signature-old = التوقيع قديم
gateway-signature-old-detail = يرجى التحقق من ساعة الصندوق وإرسال الطلب مرة أخرى.
gateway-signature-wrong = التوقيع غير مقبول
gateway-signature-wrong-detail = يرجى التحقق من مفتاح الصندوق أو تسجيل الصندوق من جديد.
gateway-body-altered = تغيّر الطلب في الطريق
gateway-body-altered-detail = لم يُسجَّل شيء. يرجى إرساله مرة أخرى.
gateway-partner-key-revoked = لم يعد هذا المفتاح صالحًا
gateway-partner-key-revoked-detail = أُلغي المفتاح أو انتهت مدته. يُرجى طلب مفتاح جديد من سلسلة المتاجر.
gateway-address-not-listed = لا تُقبل الطلبات من هذا العنوان
gateway-address-not-listed-detail = المفتاح صالح، لكن ليس للطلبات من هذا العنوان. يُرجى أن تطلب من سلسلة المتاجر إضافته.
